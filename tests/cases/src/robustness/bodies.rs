//! Bodies that are large, deep, malformed or not text.

use bytes::Bytes;
use serde_json::{Value, json};
use test_support::{
    Host, assert_rows, case, get,
    order::{ORDER_EMAIL, order, order_with, post_order},
    post, tokens,
};

const MAX_BODY_BYTES: usize = 262_144;

#[case]
async fn broken_bodies_are_400(host: &Host) {
    let order = order().to_string();
    let repeated = |text: &str| text.repeat(MAX_BODY_BYTES / text.len());
    let utf16 = |order: &str| {
        order
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<_>>()
    };
    let mut rows = Vec::new();
    for (name, body) in [
        ("a byte that is not UTF-8", b"\xff".to_vec()),
        ("not UTF-8 in a text", b"{\"subject\":\"\xff\"}".to_vec()),
        (
            "an overlong encoding",
            b"{\"subject\":\"\xc0\xaf\"}".to_vec(),
        ),
        (
            "a surrogate in UTF-8",
            b"{\"subject\":\"\xed\xa0\x80\"}".to_vec(),
        ),
        ("Latin-1", b"{\"subject\":\"bl\xe5b\xe6r\"}".to_vec()),
        ("UTF-16", utf16(&order)),
        (
            "UTF-16 with a mark",
            [&b"\xff\xfe"[..], &utf16(&order)].concat(),
        ),
        ("half a character", [order.as_bytes(), b"\xf0\x9f"].concat()),
        ("NULs", vec![0; 1000]),
        ("every byte", (0..=u8::MAX).collect()),
        (
            "gzip",
            b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0".to_vec(),
        ),
        ("white space alone", repeated(" ").into_bytes()),
        ("brackets", repeated("[").into_bytes()),
        ("braces", repeated("{\"a\":").into_bytes()),
        ("quotes", repeated("\"").into_bytes()),
        ("backslashes", repeated("\\").into_bytes()),
        (
            "a string without end",
            format!("\"{}", repeated("x")).into_bytes()[..200_000].to_vec(),
        ),
        ("digits", repeated("9").into_bytes()),
        ("a lone surrogate", br#"{"subject":"\ud800"}"#.to_vec()),
        (
            "a lone surrogate for a name",
            br#"{"\udc00":1,"subject":"#.to_vec(),
        ),
        ("two colons", order.replace(':', "::").into_bytes()),
    ] {
        let answer = post(ORDER_EMAIL)
            .bearer(tokens::bearer())
            .json_text(body)
            .send(host)
            .await;
        let (status, keys) = answer.outcome();
        let by_path = keys.iter().all(|key| key.starts_with('$'));
        rows.push((format!("{name}: {keys:?}"), (status, by_path), (400, true)));
    }
    assert_rows(rows);
}

#[case]
async fn thousands_of_violations_list_a_hundred(host: &Host) {
    let filled = |element: &str| {
        let count = (MAX_BODY_BYTES - 300) / (element.len() + 1);
        let recipients = vec![element; count].join(",");
        let order = order_with(json!({ "recipients": [] })).to_string();
        (count, order.replace("[]", &format!("[{recipients}]")))
    };
    let mut rows = Vec::new();
    for element in [
        "0",
        "{}",
        "null",
        "[]",
        "\"\"",
        r#"{"emailAddress":"x"}"#,
        r#"{"emailAddress":1}"#,
        r#"{"organizationNumber":"1","nationalIdentityNumber":"2","emailAddress":"x"}"#,
    ] {
        let (count, body) = filled(element);
        let call = post(ORDER_EMAIL).bearer(tokens::bearer()).json_text(body);
        let answer = call.send(host).await.expect(400);
        let problem = answer.problem();
        let listed: usize = problem.errors.values().map(Vec::len).sum();
        // The total is a multiple of the recipients: each may have several violations.
        let total = problem
            .detail
            .split(' ')
            .filter_map(|word| word.parse::<usize>().ok())
            .max();
        let says_total = total.is_some_and(|total| total >= count && total % count == 0);
        let is_short = answer.body.len() < 20_000;
        let name = format!("{count} times {element}: {answer:.300}");
        rows.push((name, (listed, says_total, is_short), (100, true, true)));
    }
    assert_rows(rows);
    get("/health").send(host).await.expect(200);
}

#[case]
async fn large_valid_bodies_are_accepted(host: &Host) {
    let unknown = |value: Value| order_with(json!({ "unknown": value }));
    let many: serde_json::Map<_, _> = (0..10_000)
        .map(|number| (format!("x{number}"), json!(number)))
        .collect();
    let mut rows = Vec::new();
    for (name, order) in [
        (
            "a long text",
            order_with(json!({ "body": "x".repeat(200_000) })),
        ),
        (
            "a text of escapes",
            order_with(json!({ "body": "\u{1}".repeat(40_000) })),
        ),
        (
            "a text of four bytes each",
            order_with(json!({ "body": "🎉".repeat(50_000) })),
        ),
        (
            "a long subject",
            order_with(json!({ "subject": "x\n".repeat(80_000) })),
        ),
        (
            "a long reference",
            order_with(json!({ "sendersReference": "x".repeat(200_000) })),
        ),
        ("many unknown members", unknown(Value::Object(many))),
        ("a long unknown array", unknown(json!(vec![0; 100_000]))),
    ] {
        rows.push((name, post_order(&order).send(host).await.outcome().0, 202));
    }
    for number in ["1e999", "-1e-999", "123456789012345678901234567890"] {
        let order = unknown(json!(0))
            .to_string()
            .replace("\"unknown\":0", &format!("\"unknown\":{number}"));
        let call = post(ORDER_EMAIL)
            .bearer(tokens::bearer())
            .json_text(Bytes::from(order));
        rows.push((number, call.send(host).await.outcome().0, 202));
    }
    assert_rows(rows);
}
