//! Orders, as clients write them.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Answer, Call, Host, post, tokens};

/// How the two families of paths write the same places.
pub(crate) struct Family {
    pub(crate) orders: &'static str,
    pub(crate) order_email: &'static str,
}

/// This project's paths, and those of existing clients.
pub(crate) const FAMILIES: [Family; 2] = [
    Family {
        orders: "/order",
        order_email: "/order/email",
    },
    Family {
        orders: "/notifications/api/v1/orders",
        order_email: "/notifications/api/v1/orders/email",
    },
];

/// Where orders are posted.
pub(crate) const ORDER_EMAIL: &str = FAMILIES[0].order_email;

/// A valid order to one address, with a reference that no other has.
pub(crate) fn order() -> Value {
    json!({
        "sendersReference": Uuid::new_v4().to_string(),
        "subject": "Hello",
        "body": "A text.",
        "recipients": [{ "emailAddress": "someone@example.no" }],
    })
}

/// A send time after all tests.
pub(crate) const LATER: &str = "2099-01-31T08:00:00Z";

/// A valid order for later: nothing follows its 202.
pub(crate) fn order_for_later() -> Value {
    order_with(json!({ "requestedSendTime": LATER }))
}

/// A valid order with these members in place of its own.
pub(crate) fn order_with(members: Value) -> Value {
    let (mut order, Value::Object(members)) = (order(), members) else {
        panic!("members are an object's");
    };
    order.as_object_mut().unwrap().extend(members);
    order
}

/// A valid order to these recipients.
pub(crate) fn order_to(recipients: Value) -> Value {
    order_with(
        [("recipients".to_owned(), recipients)]
            .into_iter()
            .collect(),
    )
}

/// A valid order without these members.
pub(crate) fn order_without(names: &[&str]) -> Value {
    let mut order = order();
    for name in names {
        let removed = order.as_object_mut().unwrap().remove(*name);
        assert!(removed.is_some(), "{name} is a member of the order");
    }
    order
}

/// A valid order's text, padded to this many bytes.
pub(crate) fn order_of_size(bytes: usize) -> String {
    let bare = order_with(json!({ "body": "" })).to_string();
    let padding = bytes.checked_sub(bare.len()).expect("room for an order");
    let order = bare.replace(
        r#""body":"""#,
        &format!(r#""body":"{}""#, "x".repeat(padding)),
    );
    assert_eq!(order.len(), bytes);
    order
}

/// A call that posts an order with good credentials.
pub(crate) fn post_order(order: &Value) -> Call {
    post(ORDER_EMAIL).bearer(tokens::bearer()).json(order)
}

/// Posts an order that must be accepted; returns its id.
pub(crate) async fn accepted(host: &Host, order: &Value) -> String {
    order_id(&post_order(order).send(host).await.expect(202))
}

/// Posts an order that must be accepted; returns what GET then says of it.
pub(crate) async fn registered(host: &Host, order: &Value) -> Value {
    let id = accepted(host, order).await;
    fetch(host, &id).await
}

/// The order of this id, by this project's path and with good credentials.
pub(crate) async fn fetch(host: &Host, id: &str) -> Value {
    get_order(id).send(host).await.expect(200).json()
}

/// A call that gets an order with good credentials.
pub(crate) fn get_order(id: &str) -> Call {
    super::get(format!("{}/{id}", FAMILIES[0].orders)).bearer(tokens::bearer())
}

/// The id that a 202 gives.
#[track_caller]
pub(crate) fn order_id(answer: &Answer) -> String {
    let document = answer.json();
    let id = document["orderId"].as_str().expect("an order id");
    let hyphenated = Uuid::parse_str(id).expect("a UUID").to_string();
    assert_eq!(id, hyphenated, "{answer}");
    hyphenated
}
