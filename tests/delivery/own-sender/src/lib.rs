//! A sender of another team, written from `wit/sender/sender.wit` alone.
//!
//! It accepts emails to `example.no` under the provider id `own-<notification id>`, and refuses all
//! others.

#[allow(missing_docs, clippy::pedantic, reason = "generated from the WIT file")]
mod bindings {
    wit_bindgen::generate!({
        path: "../../../wit/sender/sender.wit",
        world: "sender-component",
    });
}

use bindings::exports::email_orders::sender::sender::{Email, Failure, Guest, Progress, Receipt};

struct OwnSender;

impl Guest for OwnSender {
    async fn send(email: Email) -> Result<Receipt, Failure> {
        if !email.to.ends_with("@example.no") {
            return Err(Failure::Suppressed("not one of ours".to_owned()));
        }
        Ok(Receipt {
            progress: Progress::Accepted,
            provider_id: Some(format!("own-{}", email.notification_id)),
        })
    }
}

#[cfg(target_family = "wasm")]
bindings::export!(OwnSender with_types_in bindings);
