//! The log of an order and its delivery.

use serde_json::{Value, json};
use test_support::{
    Host, TRIGGER_KEY, case,
    order::{ORDER_EMAIL, order_id, order_with, post_order, settled},
    post, tokens,
};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

#[case]
async fn log_of_an_order_has_its_trace_and_no_secrets() {
    let host = Host::with(&[("trigger_key", TRIGGER_KEY)]).await;
    let order = order_with(json!({
        "subject": "A secret subject",
        "body": "A secret body",
        "recipients": [
            { "emailAddress": "somebody.special@example.no" },
            { "emailAddress": "bounced.mail@example.no" },
            { "nationalIdentityNumber": "16069412345" },
        ],
    }));
    let token = tokens::bearer();
    let call = post(ORDER_EMAIL)
        .traceparent(Some(&format!("00-{TRACE}-b7ad6b7169203331-01")))
        .bearer(&token)
        .json(&order);
    let id = order_id(&call.send(&host).await.expect(202));
    settled(&host, &id).await;
    // The last line is written after the status is stored: by now it is there.
    let other = order_id(&post_order(&order).send(&host).await.expect(202));
    settled(&host, &other).await;

    let log = host.log();
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .filter(|line: &Value| line["order"] == id.as_str())
        .collect();
    assert!(lines.iter().all(|line| line["trace"] == TRACE), "{log}");
    let of_event = |event: &str| -> Vec<(&Value, &Value)> {
        let lines = lines.iter().filter(|line| line["event"] == event);
        lines
            .map(|line| (&line["recipient"], &line["result"]))
            .collect()
    };
    assert_eq!(of_event("order accepted"), [(&Value::Null, &Value::Null)]);
    assert_eq!(
        of_event("order attempt"),
        [(&Value::Null, &json!("completed"))]
    );
    let mut attempts = of_event("notification attempt");
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
        "A secret",
        "16069412345",
        &token,
        TRIGGER_KEY,
    ] {
        assert!(!log.contains(secret), "{secret} is logged: {log}");
    }
    host.stop().await;
}
