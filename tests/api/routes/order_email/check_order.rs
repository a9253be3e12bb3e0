//! Which check comes before which: of two things that are wrong, the earlier decides.

use crate::support::{
    Call, assert_rows,
    order::{ORDER_EMAIL, order, order_of_size, order_with},
    post, shared,
    tokens::{self, bearer_with, trusted},
};

const TOO_LARGE: usize = 300_000;

#[tokio::test]
async fn the_earlier_check_decides() {
    let host = shared().await;
    let no_creator = bearer_with(&trusted().bearer.claims().scope(tokens::SCOPE));
    let no_scope = bearer_with(&trusted().bearer.claims().org(tokens::ORG));
    let text = |call: Call| call.header("content-type", "text/plain");
    let good = || post(ORDER_EMAIL).bearer(tokens::bearer());
    let invalid = order_with(serde_json::json!({ "recipients": [{}] }));
    let malformed = "{".repeat(TOO_LARGE);

    let mut rows = Vec::new();
    for (name, call, status) in [
        (
            "a wrong method without credentials",
            Call::new("DELETE", ORDER_EMAIL),
            405,
        ),
        (
            "an unknown path without credentials",
            text(post("/order/email/x/y")).body("x"),
            404,
        ),
        (
            "no credentials, a wrong media type",
            text(post(ORDER_EMAIL)).body("x"),
            401,
        ),
        (
            "no credentials, too large",
            post(ORDER_EMAIL).json_text(order_of_size(TOO_LARGE)),
            401,
        ),
        (
            "no credentials, malformed",
            post(ORDER_EMAIL).json_text("{"),
            401,
        ),
        (
            "no scope, a wrong media type",
            text(post(ORDER_EMAIL).bearer(&no_scope)).body("x"),
            403,
        ),
        (
            "no scope, malformed",
            post(ORDER_EMAIL).bearer(&no_scope).json_text("{"),
            403,
        ),
        (
            "a wrong media type, too large",
            text(good()).body(order_of_size(TOO_LARGE)),
            415,
        ),
        ("a wrong media type, malformed", text(good()).body("{"), 415),
        ("too large, malformed", good().json_text(malformed), 413),
        (
            "malformed, no creator",
            post(ORDER_EMAIL).bearer(&no_creator).json_text("{"),
            400,
        ),
        (
            "an invalid order, no creator",
            post(ORDER_EMAIL).bearer(&no_creator).json(&invalid),
            400,
        ),
        (
            "too large, no creator",
            post(ORDER_EMAIL)
                .bearer(&no_creator)
                .json_text(order_of_size(TOO_LARGE)),
            413,
        ),
        (
            "a valid order, no creator",
            post(ORDER_EMAIL).bearer(&no_creator).json(&order()),
            403,
        ),
        ("all well", good().json(&order()), 202),
    ] {
        rows.push((name, call.send(host).await.outcome().0, status));
    }
    assert_rows(rows);
}
