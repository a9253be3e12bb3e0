//! What the operator reads: a line for each order and each attempt, and nothing that is nobody's
//! business.

use serde_json::{Value, json};

use super::{KEY, settled};
use crate::support::{
    Host,
    order::{order_id, order_with, post_order},
};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

#[tokio::test]
async fn orders_and_attempts_are_logged_with_their_trace_and_without_secrets() {
    let Some(host) = Host::with(&[("trigger_key", KEY)]).await else {
        return;
    };
    let order = order_with(json!({
        "subject": "A subject of their own",
        "body": "A body that nobody else reads",
        "recipients": [
            { "emailAddress": "somebody.special@example.no" },
            { "emailAddress": "bounced.mail@example.no" },
            { "nationalIdentityNumber": "16069412345" },
        ],
    }));
    let token = crate::support::tokens::bearer();
    let call = crate::support::post(crate::support::order::ORDER_EMAIL)
        .traceparent(Some(&format!("00-{TRACE}-b7ad6b7169203331-01")))
        .bearer(&token)
        .json(&order);
    let id = order_id(&call.send(&host).await.expect(202));
    settled(&host, &id).await;
    // The line follows what is stored.
    let other = order_id(&post_order(&order).send(&host).await.expect(202));
    settled(&host, &other).await;

    let log = host.log();
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .filter(|line: &Value| line["order"] == id.as_str())
        .collect();
    assert!(lines.iter().all(|line| line["trace"] == TRACE), "{log}");
    let said = |event: &str| -> Vec<(&Value, &Value)> {
        let of_event = lines.iter().filter(|line| line["event"] == event);
        of_event
            .map(|line| (&line["recipient"], &line["result"]))
            .collect()
    };
    assert_eq!(said("order accepted"), [(&Value::Null, &Value::Null)]);
    assert_eq!(said("order attempt"), [(&Value::Null, &json!("completed"))]);
    let mut attempts = said("notification attempt");
    attempts.sort_by_key(|(recipient, _)| recipient.to_string());
    assert_eq!(
        attempts,
        [
            (&json!("b***@example.no"), &json!("Failed_Bounced")),
            (&json!("s***@example.no"), &json!("Delivered")),
        ]
    );
    for secret in [
        "somebody.special",
        "bounced.mail",
        "A subject",
        "A body",
        "16069412345",
        &token,
        KEY,
    ] {
        assert!(!log.contains(secret), "{secret} is logged: {log}");
    }
    host.stop().await;
}
