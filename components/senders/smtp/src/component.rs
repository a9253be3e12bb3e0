//! The WebAssembly component.

use std::{
    net::SocketAddr,
    time::{Duration, Instant, SystemTime},
};

use sender_shared::{
    Email, Failure, Guest, Progress, Receipt, optional_variable, variable, within,
};

use crate::{
    delivery::{Network, deliver},
    message::Message,
    pool::Pool,
    session::{ConnectionError, SendError},
    settings::Settings,
    tcp::TcpConnection,
    unanswered::{Store, Unanswered},
};

/// The sender, as an implementation of `wit/sender`.
#[derive(Debug)]
pub struct Smtp;

impl Guest for Smtp {
    async fn send(email: Email) -> Result<Receipt, Failure> {
        let settings = settings().await?;
        let message = Message::new(email, settings.from_name.as_ref(), SystemTime::now())?;
        match deliver(
            &SpinNetwork,
            pool(),
            &Unanswered(SpinStore),
            &settings,
            &message,
        )
        .await
        {
            Ok(()) => Ok(Receipt {
                progress: Progress::Accepted,
                provider_id: Some(message.id),
            }),
            Err(SendError::Unavailable(failure) | SendError::Refused(failure)) => Err(failure),
            Err(SendError::Unanswered(text)) => Err(Failure::Transient(text)),
        }
    }
}

#[cfg(target_family = "wasm")]
sender_shared::bindings::export!(Smtp with_types_in sender_shared::bindings);

async fn settings() -> Result<Settings, Failure> {
    let relays = variable("smtp_relay").await?;
    let from_name = variable("smtp_from_name").await?;
    let hello_name = optional_variable("smtp_ehlo_name").await?;
    let settings = Settings::parse(&relays, &from_name, &hello_name);
    // The email is not at fault: it waits until the configuration is fixed.
    settings.map_err(|error| Failure::Transient(format!("configuration: {error}")))
}

/// Returns the pool, which lives as long as the instance.
fn pool() -> &'static Pool<TcpConnection> {
    thread_local! {
        static POOL: &'static Pool<TcpConnection> = Box::leak(Box::default());
    }
    POOL.with(|pool| *pool)
}

struct SpinNetwork;

impl Network for SpinNetwork {
    type Connection = TcpConnection;

    async fn connect(&self, relay: SocketAddr) -> Result<TcpConnection, ConnectionError> {
        TcpConnection::open(relay).await
    }

    async fn within<T>(&self, limit: Duration, future: impl Future<Output = T>) -> Option<T> {
        within(limit, future).await
    }

    fn now(&self) -> Instant {
        Instant::now()
    }

    fn wall_clock(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// The store of the order component, if the manifest lets the sender use it.
struct SpinStore;

impl Store for SpinStore {
    fn get(&self, key: &str) -> Option<Vec<u8>> {
        let store = spin_store::open_default().ok()?;
        store.get(key).ok()?
    }

    fn set(&self, key: &str, value: &[u8]) {
        if let Ok(store) = spin_store::open_default() {
            // Without a record, a repeat may be a copy.
            let _ = store.set(key, value);
        }
    }
}
