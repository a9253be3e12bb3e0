//! Accepted orders become emails, with the sandbox as the sender.

mod backlog;
mod condition;
mod due;
mod happy;
mod kills;
mod load;
mod log;
mod pause;
mod providers;
mod races;
mod reports;
mod stored;
mod trigger;
mod undecided;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::time::sleep;

use crate::support::{Call, Host, call::Connection, get, order::order_with, post, tokens};

/// The trigger key of the hosts here.
const KEY: &str = crate::support::host::TRIGGER_KEY;

/// Longer than an order that is due takes.
const PATIENCE: Duration = Duration::from_mins(1);

/// A call of the trigger.
fn trigger() -> Call {
    post("/trigger/pastdueorders").bearer(KEY)
}

/// A call for the status of an order.
fn get_status(id: &str) -> Call {
    get(format!("/order/{id}/status")).bearer(tokens::bearer())
}

/// A call for the notifications of an order.
fn get_notifications(id: &str) -> Call {
    get(format!("/order/{id}/notifications/email")).bearer(tokens::bearer())
}

/// The status document of an order, once nothing more is done for it.
async fn settled(host: &Host, id: &str) -> Value {
    let begun = Instant::now();
    let mut connection = Connection::open(host).await;
    loop {
        let status = connection.send(get_status(id)).await.expect(200).json();
        let name = &status["processingStatus"]["status"];
        if name != "Registered" && name != "Processing" {
            return status;
        }
        assert!(begun.elapsed() < PATIENCE, "{status}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// The statuses of an order's notifications.
async fn statuses(host: &Host, id: &str) -> Vec<String> {
    let document = get_notifications(id).send(host).await.expect(200).json();
    let all = document["notifications"].as_array().expect("a list");
    all.iter()
        .map(|one| {
            one["sendStatus"]["status"]
                .as_str()
                .expect("a name")
                .to_owned()
        })
        .collect()
}

/// An instant so many seconds from now, as the API takes it.
fn in_seconds(seconds: i64) -> String {
    let instant = OffsetDateTime::now_utc() + time::Duration::seconds(seconds);
    instant.format(&Rfc3339).expect("a date-time")
}

/// An order that is due at this instant.
fn order_at(instant: &str) -> Value {
    order_with(json!({ "requestedSendTime": instant }))
}
