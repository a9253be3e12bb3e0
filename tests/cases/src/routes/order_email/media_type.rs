//! The media type and the coding of the body.

use test_support::{
    Call, Host, assert_rows, case,
    order::{ORDER_EMAIL, order},
    post, tokens,
};

fn call(content_type: Option<&str>, body: impl Into<bytes::Bytes>) -> Call {
    let call = post(ORDER_EMAIL).bearer(tokens::bearer()).body(body);
    match content_type {
        Some(value) => call.header("content-type", value),
        None => call,
    }
}

#[case]
async fn json_with_parameters_is_accepted(host: &Host) {
    let mut rows = Vec::new();
    for value in [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=\"utf-8\"",
        "application/json ; charset=UTF-8; v=1",
    ] {
        let answer = call(Some(value), order().to_string()).send(host).await;
        rows.push((value, answer.outcome().0, 202));
    }
    assert_rows(rows);
}

#[case]
async fn other_media_types_are_415(host: &Host) {
    let mut rows = Vec::new();
    for value in [
        None,
        Some(""),
        Some("json"),
        Some("/"),
        Some("*/*"),
        Some("application/*"),
        Some("application/"),
        Some("application/jsonp"),
        Some("application/json5"),
        Some("application/x-json"),
        Some("application/problem+json"),
        Some("application/json-patch+json"),
        Some("application/merge-patch+json"),
        Some("text/json"),
        Some("text/plain"),
        Some("text/plain; application/json"),
        Some("text/plain, application/json"),
        Some("application/xml"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
    ] {
        let order = order().to_string();
        for (name, body) in [
            ("an order", order.as_str()),
            ("no body", ""),
            ("garbage", "{"),
        ] {
            let answer = call(value, body.to_owned()).send(host).await;
            rows.push((format!("{value:?} with {name}"), answer.outcome().0, 415));
        }
    }
    assert_rows(rows);
}

#[case]
async fn content_encoding_is_415(host: &Host) {
    let mut rows = Vec::new();
    for (coding, status) in [
        ("identity", 202),
        ("Identity", 202),
        ("", 202),
        ("gzip", 415),
        ("GZIP", 415),
        ("identity, gzip", 415),
        ("br", 415),
        ("nonsense", 415),
    ] {
        let call = call(Some("application/json"), order().to_string());
        let answer = call.header("content-encoding", coding).send(host).await;
        let accepted = answer.header("accept-encoding").map(str::to_owned);
        let expected = (status == 415).then(|| "identity".to_owned());
        rows.push((coding, (answer.outcome().0, accepted), (status, expected)));
    }
    // The coding is checked before the size and the syntax.
    for body in ["x".repeat(300_000), "{".to_owned(), String::new()] {
        let call = call(Some("application/json"), body);
        let answer = call.header("content-encoding", "gzip").send(host).await;
        rows.push(("any body", (answer.outcome().0, None), (415, None)));
    }
    assert_rows(rows);
}

#[case]
async fn refused_media_type_gets_accept_post(host: &Host) {
    let answer = call(Some("text/plain"), "x").send(host).await.expect(415);
    assert_eq!(answer.header("accept-post"), Some("application/json"));
    assert_eq!(answer.header("accept-encoding"), None);
}
