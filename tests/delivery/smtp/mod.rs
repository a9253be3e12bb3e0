//! SMTP, against a real server.

mod content;
mod failures;
mod waiting;

use crate::support::{App, Email, Features, Host, Progress, Receipt, Relay, Sender};

const NAME: &str = "Påminnelser fra \"Ærlig & Øy\"";

/// A relay with these features, and a host that sends through it.
async fn relay(features: Features) -> Option<(Relay, Host)> {
    let relay = Relay::start(features)?;
    let host = through(relay.address()).await;
    Some((relay, host))
}

/// A host that sends through what is at this address.
async fn through(address: &str) -> Host {
    let app = App {
        sender: Sender::Smtp {
            relay: address.to_owned(),
            from_name: NAME,
        },
        ..App::default()
    };
    app.start().await
}

fn message_id(email: &Email) -> String {
    format!("<{}@altinn.cloud>", email.notification_id)
}

fn accepted(email: &Email) -> Receipt {
    Receipt {
        progress: Progress::Accepted,
        provider_id: Some(message_id(email)),
    }
}
