//! SMTP, against a real server.

mod content;
mod failures;
mod mta;
mod waiting;

use crate::{
    app::{App, Sender},
    email::{Email, Progress, Receipt},
    probe::Probe,
    servers::{Features, Relay},
};

const NAME: &str = "Påminnelser fra \"Ærlig & Øy\"";

/// Starts a relay with these features, and a host that sends through it.
async fn relay(features: Features) -> (Relay, Probe) {
    let relay = Relay::start(features);
    let host = through(relay.address()).await;
    (relay, host)
}

/// Starts a host that sends through the server at this address.
async fn through(address: &str) -> Probe {
    let app = App {
        sender: Sender::Smtp {
            relay: address.to_owned(),
            from_name: NAME,
        },
        ..App::default()
    };
    app.serve_probe().await
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
