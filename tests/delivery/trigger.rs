//! A run of the trigger whose sender takes long.

use std::time::{Duration, Instant};

use serde_json::json;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::{
    net::TcpListener,
    time::{sleep, timeout},
};

use crate::support::{App, Sender, Service, statuses};

/// A run must have answered by then (Akamai Functions ends a request after 30 seconds).
const LIMIT: Duration = Duration::from_secs(20);

/// For how long the SMTP sender waits for a relay.
const SENDER_LIMIT: Duration = Duration::from_secs(25);

/// How long before its send time an order is due, and a moment more.
const AHEAD: Duration = Duration::from_secs(61);

#[tokio::test]
async fn a_run_answers_in_time_and_what_is_under_way_comes_to_its_end() {
    // A relay that takes connections and says nothing.
    let relay = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let service = Service::start(App {
        sender: Sender::Smtp {
            relay: relay.local_addr().unwrap().to_string(),
            from_name: "",
        },
        ..App::default()
    });
    let service = service.await;
    let later = OffsetDateTime::now_utc() + AHEAD;
    let accepted = service
        .place(&json!({
            "subject": "subject",
            "body": "body",
            "requestedSendTime": later.format(&Rfc3339).unwrap(),
            "recipients": [{ "emailAddress": "kari@example.no" }],
        }))
        .await;
    let id = accepted["orderId"].as_str().unwrap();
    sleep(Duration::from_secs(2)).await;

    let begun = Instant::now();
    let run = timeout(LIMIT, service.trigger()).await;
    let run = run.expect("an answer in time");
    assert_eq!(run, json!({ "due": 1, "processed": 1, "more": false }));
    assert!(
        begun.elapsed() < SENDER_LIMIT,
        "the sender is not waited for"
    );
    assert_eq!(statuses(&service.notifications(id).await), ["Sending"]);

    while statuses(&service.notifications(id).await) == ["Sending"] {
        assert!(begun.elapsed() < 2 * SENDER_LIMIT, "{id} is left behind");
        sleep(Duration::from_millis(100)).await;
    }
    let after = statuses(&service.notifications(id).await)[0].to_owned();
    assert_eq!(after, "Failed_TransientError");
    service.stop().await;
}
