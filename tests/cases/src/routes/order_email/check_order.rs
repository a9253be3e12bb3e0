//! The order of checks: of two violations, the earlier check decides the status.

use test_support::{
    Call, Host, assert_rows, case,
    order::{ORDER_EMAIL, order, order_of_size, order_with},
    post,
    tokens::{self, bearer_claims, bearer_with},
};

const TOO_LARGE: usize = 300_000;

#[case]
async fn first_failing_check_decides_the_status(host: &Host) {
    let no_creator = bearer_with(&bearer_claims().scope(tokens::SCOPE));
    let no_scope = bearer_with(&bearer_claims().org(tokens::ORG));
    let text = |call: Call| call.header("content-type", "text/plain");
    let valid = || post(ORDER_EMAIL).bearer(tokens::bearer());
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
            text(valid()).body(order_of_size(TOO_LARGE)),
            415,
        ),
        (
            "a wrong media type, malformed",
            text(valid()).body("{"),
            415,
        ),
        ("too large, malformed", valid().json_text(malformed), 413),
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
        ("no violation", valid().json(&order()), 202),
    ] {
        rows.push((name, call.send(host).await.outcome().0, status));
    }
    assert_rows(rows);
}
