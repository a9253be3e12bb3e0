//! Orders, as clients write them, and what clients read of them.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::{Answer, Call, Host, TRIGGER_KEY, clock, get, post, tokens};

/// The paths of one family.
#[allow(missing_docs, reason = "the names of the routes")]
pub struct Family {
    pub orders: &'static str,
    pub order_email: &'static str,
}

/// This project's paths, and those of Altinn's clients.
pub const FAMILIES: [Family; 2] = [
    Family {
        orders: "/order",
        order_email: "/order/email",
    },
    Family {
        orders: "/notifications/api/v1/orders",
        order_email: "/notifications/api/v1/orders/email",
    },
];

/// The path that takes orders.
pub const ORDER_EMAIL: &str = FAMILIES[0].order_email;

/// A send time after all tests.
pub const LATER: &str = "2099-01-31T08:00:00Z";

/// Longer than the delivery of an order that is due takes.
pub const DELIVERY_LIMIT: Duration = Duration::from_mins(1);

/// Returns a valid order to one address, with a unique reference.
pub fn order() -> Value {
    json!({
        "sendersReference": Uuid::new_v4().to_string(),
        "subject": "Hello",
        "body": "A text.",
        "recipients": [{ "emailAddress": "someone@example.no" }],
    })
}

/// Returns a valid order for later, of which nothing is sent.
pub fn order_for_later() -> Value {
    order_at(LATER)
}

/// Returns a valid order for this send time.
pub fn order_at(instant: &str) -> Value {
    order_with(json!({ "requestedSendTime": instant }))
}

/// How long before its send time an order may be placed to be sent on time without the trigger.
pub const PROMPT_SECONDS: i64 = 5;

/// Returns a valid order that is due [`PROMPT_SECONDS`] and so many seconds from now. Only the trigger
/// sends it.
pub fn order_due_in(seconds: i64) -> Value {
    order_at(&clock::in_seconds(PROMPT_SECONDS + seconds))
}

/// Returns a valid order with these members in place of its own.
pub fn order_with(members: Value) -> Value {
    let mut order = order();
    let Value::Object(members) = members else {
        panic!("{members} is not an object");
    };
    order.as_object_mut().unwrap().extend(members);
    order
}

/// Returns a valid order to these recipients.
pub fn order_to(recipients: Value) -> Value {
    let mut order = order();
    order["recipients"] = recipients;
    order
}

/// Returns a valid order without these members.
pub fn order_without(names: &[&str]) -> Value {
    let mut order = order();
    for name in names {
        let removed = order.as_object_mut().unwrap().remove(*name);
        assert!(removed.is_some(), "{name} is a member of the order");
    }
    order
}

/// Returns the text of a valid order, padded to this many bytes.
pub fn order_of_size(bytes: usize) -> String {
    let bare = order_with(json!({ "body": "" })).to_string();
    let padding = bytes.checked_sub(bare.len()).expect("room for an order");
    let order = bare.replace(
        r#""body":"""#,
        &format!(r#""body":"{}""#, "x".repeat(padding)),
    );
    assert_eq!(order.len(), bytes);
    order
}

/// Returns a call that posts an order with valid credentials.
pub fn post_order(order: &Value) -> Call {
    post(ORDER_EMAIL).bearer(tokens::bearer()).json(order)
}

/// Returns a call that gets an order with valid credentials.
pub fn get_order(id: &str) -> Call {
    get(format!("/order/{id}")).bearer(tokens::bearer())
}

/// Returns a call that gets the status of an order.
pub fn get_status(id: &str) -> Call {
    get(format!("/order/{id}/status")).bearer(tokens::bearer())
}

/// Returns a call that gets the notifications of an order.
pub fn get_notifications(id: &str) -> Call {
    get(format!("/order/{id}/notifications/email")).bearer(tokens::bearer())
}

/// Returns a call that cancels an order.
pub fn cancel(id: &str) -> Call {
    Call::new("PUT", format!("/order/{id}/cancel")).bearer(tokens::bearer())
}

/// Returns a call of the trigger.
pub fn trigger() -> Call {
    post("/trigger/pastdueorders").bearer(TRIGGER_KEY)
}

/// Posts an order that must be accepted; returns its id.
pub async fn accepted(host: &Host, order: &Value) -> String {
    order_id(&post_order(order).send(host).await.expect(202))
}

/// Posts an order that must be accepted; returns the document that GET then gives.
pub async fn registered(host: &Host, order: &Value) -> Value {
    let id = accepted(host, order).await;
    fetch(host, &id).await
}

/// Gets an order.
pub async fn fetch(host: &Host, id: &str) -> Value {
    get_order(id).send(host).await.expect(200).json()
}

/// Returns the id that a 202 gives.
#[track_caller]
pub fn order_id(answer: &Answer) -> String {
    let document = answer.json();
    let id = document["orderId"].as_str().expect("an order id");
    let hyphenated = Uuid::parse_str(id).expect("a UUID").to_string();
    assert_eq!(id, hyphenated, "{answer}");
    hyphenated
}

/// Waits until an order is settled; returns its status document.
pub async fn settled(host: &Host, id: &str) -> Value {
    let begun = Instant::now();
    let mut connection = host.connect().await;
    loop {
        let status = connection.send(get_status(id)).await.expect(200).json();
        let name = &status["processingStatus"]["status"];
        if name != "Registered" && name != "Processing" {
            return status;
        }
        assert!(begun.elapsed() < DELIVERY_LIMIT, "{status}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until the notifications of an order have these statuses.
pub async fn await_statuses(host: &Host, id: &str, expected: &[&str]) {
    let begun = Instant::now();
    loop {
        let got = statuses(host, id).await;
        if got == expected {
            return;
        }
        assert!(begun.elapsed() < DELIVERY_LIMIT, "{got:?}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Returns the statuses of an order's notifications.
pub async fn statuses(host: &Host, id: &str) -> Vec<String> {
    let document = get_notifications(id).send(host).await.expect(200).json();
    let notifications = document["notifications"].as_array().expect("a list");
    let status = |one: &Value| one["sendStatus"]["status"].as_str().map(str::to_owned);
    notifications
        .iter()
        .map(|one| status(one).expect("a status"))
        .collect()
}

/// Returns the processing status of an order.
pub async fn processing_status(host: &Host, id: &str) -> String {
    let document = get_status(id).send(host).await.expect(200).json();
    let status = document["processingStatus"]["status"].as_str();
    status.expect("a status").to_owned()
}
