//! A run of the trigger with a slow sender.

use std::time::Duration;

use serde_json::json;
use test_support::{
    case,
    order::{accepted, order_due_in, statuses, trigger},
};
use tokio::{
    net::TcpListener,
    time::{Instant, sleep, timeout},
};

use crate::app::{App, Sender};

/// The limit for a run (Akamai Functions ends a request after 30 seconds).
const LIMIT: Duration = Duration::from_secs(20);

/// How long the SMTP sender waits for a relay.
const SENDER_LIMIT: Duration = Duration::from_secs(25);

#[case]
async fn run_answers_in_time_and_its_sends_continue() {
    // A relay that accepts connections and never replies.
    let relay = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let app = App {
        sender: Sender::Smtp {
            relay: relay.local_addr().unwrap().to_string(),
            from_name: "",
        },
        ..App::default()
    };
    let host = app.serve(&[]).await;
    let id = accepted(&host, &order_due_in(1)).await;
    sleep(Duration::from_secs(7)).await;

    let begun = Instant::now();
    let run = timeout(LIMIT, trigger().send(&host)).await;
    let run = run.expect("an answer in time").expect(200).json();
    assert_eq!(run, json!({ "due": 1, "processed": 1, "more": false }));
    assert!(begun.elapsed() < SENDER_LIMIT, "it waits for the sender");
    assert_eq!(statuses(&host, &id).await, ["Sending"]);

    while statuses(&host, &id).await == ["Sending"] {
        assert!(begun.elapsed() < 2 * SENDER_LIMIT, "{id} is stuck");
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(statuses(&host, &id).await, ["Failed_TransientError"]);
    host.stop().await;
}
