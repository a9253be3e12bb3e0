//! The first phase of validation: JSON and types, with JSON paths as keys.

use serde_json::json;
use test_support::{
    Host, assert_rows, case,
    order::{order, order_with},
};

use super::{accepted, outcome, outcome_of_text, rejected};

#[case]
async fn empty_body_and_null_have_the_empty_key(host: &Host) {
    let mut rows = Vec::new();
    for body in ["", "null", " null ", "\r\n\tnull\n"] {
        let got = outcome_of_text(host, body).await;
        rows.push((format!("{body:?}"), got, rejected([""])));
    }
    assert_rows(rows);
}

#[case]
async fn malformed_json_has_a_json_path(host: &Host) {
    let order = order().to_string();
    let mut rows: Vec<(String, String)> = [
        ("garbage", "garbage"),
        ("an opening brace", "{"),
        ("a closing brace", "}"),
        ("nul", "nul"),
        ("NULL", "NULL"),
        ("two nulls", "null null"),
        ("single quotes", "{'subject':'x'}"),
        ("a bare name", "{subject:\"x\"}"),
        ("no colon", "{\"subject\" \"x\"}"),
        ("a number with a leading zero", "{\"x\":01}"),
        ("a bare fraction", "{\"x\":.5}"),
        ("NaN", "{\"x\":NaN}"),
        ("a hexadecimal number", "{\"x\":0x1}"),
        ("an unknown escape", r#"{"x":"\x"}"#),
        ("half an escape", r#"{"subject":"\u00"}"#),
        ("a line break in a string", "{\"subject\":\"a\nb\"}"),
        ("a NUL in a string", "{\"subject\":\"a\0b\"}"),
        ("a NUL", "\0"),
        ("a comment alone", "// order"),
        ("XML", "<order/>"),
        ("a form", "subject=x&body=y"),
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .into();
    let inside = order.strip_suffix('}').unwrap();
    rows.extend([
        ("a trailing comma".to_owned(), format!("{inside},}}")),
        ("a line comment".to_owned(), format!("{inside}//\n}}")),
        ("a block comment".to_owned(), format!("{inside}/**/}}")),
        ("a comment behind".to_owned(), format!("{order} // order")),
        ("two orders".to_owned(), format!("{order}{order}")),
        ("a comma behind".to_owned(), format!("{order},")),
        (
            "a trailing comma in an array".to_owned(),
            order.replace("}]", "},]"),
        ),
    ]);
    for end in (1..order.len()).step_by(order.len() / 16) {
        rows.push((
            format!("truncated after {end} bytes"),
            order[..end].to_owned(),
        ));
    }
    let mut results = Vec::new();
    for (name, text) in rows {
        results.push((name, outcome_of_text(host, text).await));
    }
    assert_rows(results.into_iter().map(|(name, (status, keys))| {
        let only_paths = !keys.is_empty() && keys.iter().all(|key| key.starts_with('$'));
        (
            format!("{name}: {keys:?}"),
            (status, only_paths),
            (400, true),
        )
    }));
}

#[case]
async fn json_other_than_an_object_has_the_root_path(host: &Host) {
    let mut rows = Vec::new();
    for text in ["[]", "[{}]", "\"order\"", "1", "-0.5e3", "true", "false"] {
        rows.push((text, outcome_of_text(host, text).await, rejected(["$"])));
    }
    assert_rows(rows);
}

#[case]
async fn wrong_type_has_the_path_of_its_member(host: &Host) {
    let rows = [
        (json!({ "subject": 1 }), "$.subject"),
        (json!({ "subject": ["Hello"] }), "$.subject"),
        (json!({ "body": { "text": "x" } }), "$.body"),
        (json!({ "body": false }), "$.body"),
        (json!({ "contentType": "Rtf" }), "$.contentType"),
        (json!({ "contentType": "" }), "$.contentType"),
        (json!({ "contentType": "text/html" }), "$.contentType"),
        (json!({ "contentType": 2 }), "$.contentType"),
        (json!({ "contentType": -1 }), "$.contentType"),
        (json!({ "contentType": true }), "$.contentType"),
        (json!({ "contentType": ["Html"] }), "$.contentType"),
        (json!({ "recipients": {} }), "$.recipients"),
        (
            json!({ "recipients": "someone@example.no" }),
            "$.recipients",
        ),
        (json!({ "recipients": 1 }), "$.recipients"),
        (json!({ "recipients": ["a@example.no"] }), "$.recipients[0]"),
        (
            json!({ "recipients": [{ "emailAddress": "a@example.no" }, 7] }),
            "$.recipients[1]",
        ),
        (
            json!({ "recipients": [{ "emailAddress": 1 }] }),
            "$.recipients[0].emailAddress",
        ),
        (
            json!({ "recipients": [{ "organizationNumber": 123_456_789 }] }),
            "$.recipients[0].organizationNumber",
        ),
        (
            json!({ "recipients": [{}, { "nationalIdentityNumber": 16_069_412_345_u64 }] }),
            "$.recipients[1].nationalIdentityNumber",
        ),
        (json!({ "requestedSendTime": null }), "$.requestedSendTime"),
        (
            json!({ "requestedSendTime": 1_900_000_000 }),
            "$.requestedSendTime",
        ),
        (json!({ "requestedSendTime": "" }), "$.requestedSendTime"),
        (
            json!({ "requestedSendTime": "tomorrow" }),
            "$.requestedSendTime",
        ),
        (json!({ "requestedSendTime": {} }), "$.requestedSendTime"),
        (json!({ "sendersReference": 4711 }), "$.sendersReference"),
        (json!({ "sendersReference": [] }), "$.sendersReference"),
        (
            json!({ "ignoreReservation": "true" }),
            "$.ignoreReservation",
        ),
        (json!({ "ignoreReservation": 0 }), "$.ignoreReservation"),
        (json!({ "resourceId": 1 }), "$.resourceId"),
        (json!({ "resourceAction": false }), "$.resourceAction"),
        (json!({ "conditionEndpoint": 1 }), "$.conditionEndpoint"),
        (
            json!({ "conditionEndpoint": { "url": "x" } }),
            "$.conditionEndpoint",
        ),
    ];
    let mut results = Vec::new();
    for (members, path) in rows {
        let name = members.to_string();
        let got = outcome(host, &order_with(members)).await;
        results.push((name, got, rejected([path])));
    }
    assert_rows(results);
}

#[case]
async fn nesting_deeper_than_32_is_400(host: &Host) {
    let nested = |depth: usize| {
        // The order is the first level.
        let value = format!("{}{}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        let order = order().to_string();
        format!("{{\"unknown\":{value},{}", &order[1..])
    };
    assert_rows([
        (
            "32 levels",
            outcome_of_text(host, nested(32)).await,
            accepted(),
        ),
        (
            "33 levels",
            outcome_of_text(host, nested(33)).await,
            rejected(["$"]),
        ),
        (
            "100,000 levels",
            outcome_of_text(host, nested(100_000)).await,
            rejected(["$"]),
        ),
        (
            "brackets in a string",
            outcome(host, &order_with(json!({ "body": "[".repeat(1000) }))).await,
            accepted(),
        ),
    ]);
}
