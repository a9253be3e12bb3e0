//! The WebAssembly component.

use std::time::{Duration, SystemTime};

use sender_shared::{Email, Failure, Guest, Progress, Receipt, variable, within};

use crate::{message::Message, session::Session, settings::Settings, tcp::TcpConnection};

/// The time limit for handing an email over: well below the 30 seconds that a sender has.
const TIME_LIMIT: Duration = Duration::from_secs(25);

/// The time limit for the relay's answer to QUIT.
const QUIT_LIMIT: Duration = Duration::from_secs(1);

/// The sender, as an implementation of `wit/sender`.
#[derive(Debug)]
pub struct Smtp;

impl Guest for Smtp {
    async fn send(email: Email) -> Result<Receipt, Failure> {
        let settings = settings().await?;
        let message = Message::new(email, settings.from_name.as_ref(), SystemTime::now())?;
        let transaction = async {
            let connection = TcpConnection::open(settings.relay).await?;
            let mut session = Session::new(connection);
            let result = session.send(&message).await;
            within(QUIT_LIMIT, session.quit()).await;
            result
        };
        within(TIME_LIMIT, transaction).await.unwrap_or_else(|| {
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
sender_shared::bindings::export!(Smtp with_types_in sender_shared::bindings);

async fn settings() -> Result<Settings, Failure> {
    let relay = variable("smtp_relay").await?;
    let from_name = variable("smtp_from_name").await?;
    // The email is not at fault: it waits until the configuration is fixed.
    Settings::parse(&relay, &from_name).map_err(|error| Failure::Transient(error.to_string()))
}
