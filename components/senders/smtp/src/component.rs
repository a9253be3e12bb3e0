//! The WebAssembly component.

use std::{
    pin::pin,
    time::{Duration, SystemTime},
};

use futures_util::future::{Either, select};
use spin_sdk::{time::sleep, variables};

use crate::{
    bindings::exports::email_orders::sender::sender::{Email, Failure, Guest, Progress, Receipt},
    exchange::Exchange,
    message::Message,
    settings::Settings,
    tcp::TcpConnection,
};

/// How long handing over may take: well within the 30 seconds that a sender has.
const TIME_LIMIT: Duration = Duration::from_secs(25);

/// How long the relay may take to say goodbye.
const QUIT_LIMIT: Duration = Duration::from_secs(1);

struct Smtp;

impl Guest for Smtp {
    async fn send(email: Email) -> Result<Receipt, Failure> {
        let settings = settings().await?;
        let message = Message::new(email, settings.from_name.as_ref(), SystemTime::now())?;
        let handing_over = async {
            let connection = TcpConnection::open(settings.relay).await?;
            let mut exchange = Exchange::new(connection);
            let outcome = exchange.send(&message).await;
            within(QUIT_LIMIT, exchange.quit()).await;
            outcome
        };
        within(TIME_LIMIT, handing_over).await.unwrap_or_else(|| {
            let text = format!("the relay took longer than {} s", TIME_LIMIT.as_secs());
            Err(Failure::Transient(text))
        })?;
        Ok(Receipt {
            progress: Progress::Accepted,
            provider_id: Some(message.id),
        })
    }
}

#[cfg(target_family = "wasm")]
crate::bindings::export!(Smtp with_types_in crate::bindings);

async fn settings() -> Result<Settings, Failure> {
    let relay = variable("smtp_relay").await?;
    let from_name = variable("smtp_from_name").await?;
    // Nothing is wrong with the email: it waits until somebody mends the configuration.
    Settings::parse(&relay, &from_name).map_err(|error| Failure::Transient(error.to_string()))
}

async fn variable(name: &str) -> Result<String, Failure> {
    let read = variables::get(name).await;
    read.map_err(|error| Failure::Transient(format!("the variable {name}: {error}")))
}

/// What a future comes to, if it does in time.
async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    match select(pin!(future), pin!(sleep(limit))).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(((), _)) => None,
    }
}
