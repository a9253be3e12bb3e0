//! Headers that are many, unusual or repeated.
//!
//! Headers that are not UTF-8 never reach a component: Spin 4.1 refuses them.

use test_support::{
    Call, Host, assert_rows, case, get,
    order::{ORDER_EMAIL, order},
    post, tokens,
};

/// Returns a valid order with valid credentials.
fn valid() -> Call {
    post(ORDER_EMAIL).bearer(tokens::bearer()).json(&order())
}

#[case]
async fn unrelated_headers_are_ignored(host: &Host) {
    let many = (0..50).fold(valid(), |call, number| {
        call.header(format!("x-{number}"), "y".repeat(100))
    });
    let mut rows = Vec::new();
    for (name, call) in [
        ("many", many),
        ("a long one", valid().header("x-long", "y".repeat(10_000))),
        ("bytes beyond ASCII", valid().header("x-bytes", "æøå 🎉")),
        ("an empty one", valid().header("x-empty", "")),
        (
            "accept nothing that there is",
            valid().header("accept", "image/png"),
        ),
        ("accept nothing", valid().header("accept", "*/*;q=0")),
        (
            "accept gzip alone",
            valid().header("accept-encoding", "gzip, identity;q=0"),
        ),
        ("a language", valid().header("accept-language", "nb-NO")),
        (
            "another method",
            valid().header("x-http-method-override", "DELETE"),
        ),
        ("a condition", valid().header("if-match", "\"x\"")),
        ("a range", valid().header("range", "bytes=0-1")),
        (
            "an upgrade",
            valid()
                .header("upgrade", "h2c")
                .header("connection", "upgrade"),
        ),
        (
            "headers of Spin",
            valid()
                .header("spin-path-info", "/x")
                .header("spin-raw-component-route", "/x"),
        ),
    ] {
        rows.push((name, call.send(host).await.outcome().0, 202));
    }
    assert_rows(rows);
}

#[case]
async fn malformed_credentials_are_4xx(host: &Host) {
    let token = tokens::bearer();
    let mut rows = Vec::new();
    for (name, call) in [
        (
            "bytes",
            post(ORDER_EMAIL).header("authorization", "Bearer æøå"),
        ),
        (
            "bytes for a scheme",
            post(ORDER_EMAIL).header("authorization", "æøå"),
        ),
        (
            "bytes for a platform token",
            post(ORDER_EMAIL).header("platformaccesstoken", "🎉"),
        ),
        (
            "a long garbage",
            post(ORDER_EMAIL).bearer("x".repeat(30_000)),
        ),
        (
            "a long platform garbage",
            post(ORDER_EMAIL).platform("x.".repeat(15_000)),
        ),
        ("dots", post(ORDER_EMAIL).bearer(".".repeat(10_000))),
        ("two bad lines", post(ORDER_EMAIL).bearer("x").bearer("y")),
        (
            "tabs",
            post(ORDER_EMAIL).header("authorization", format!("Bearer\t\t{token}")),
        ),
    ] {
        let status = call.json(&order()).send(host).await.outcome().0;
        rows.push((
            format!("{name}: {status}"),
            (400..500).contains(&status),
            true,
        ));
    }
    assert_rows(rows);
}

#[case]
async fn two_bearers_are_4xx(host: &Host) {
    for (one, two) in [
        (tokens::bearer(), "x".to_owned()),
        ("x".to_owned(), tokens::bearer()),
    ] {
        let call = post(ORDER_EMAIL).bearer(one).bearer(two).json(&order());
        let (status, _) = call.send(host).await.outcome();
        assert!((400..500).contains(&status), "{status}");
    }
}

#[case]
async fn malformed_content_types_are_415(host: &Host) {
    let mut rows = Vec::new();
    for value in [
        "æøå",
        "application/jsonå",
        "application/json\u{a0}",
        ";",
        "application/json/x",
        "application json",
        "\"application/json\"",
        "application/json,application/json",
    ] {
        let call = post(ORDER_EMAIL)
            .bearer(tokens::bearer())
            .header("content-type", value)
            .body(order().to_string());
        rows.push((value, call.send(host).await.outcome().0, 415));
    }
    assert_rows(rows);
}

#[case]
async fn problem_repeats_no_header_and_no_path(host: &Host) {
    let answer = get("/x<script>alert(1)</script>".replace(['<', '>'], "%3C"))
        .header("x-reflected", "reflected-header")
        .header("user-agent", "reflected-agent")
        .send(host)
        .await
        .expect(404);
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    assert!(!text.contains("reflected"), "{answer}");
    assert!(!text.contains("script"), "no path leaks: {answer}");
}
