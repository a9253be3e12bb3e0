//! Headers that are many, odd or twice.
//!
//! Those that are not UTF-8 never get to a component: Spin answers them itself.

use crate::support::{
    Call, assert_rows, get,
    order::{ORDER_EMAIL, order},
    post, shared, tokens,
};

fn good() -> Call {
    post(ORDER_EMAIL).bearer(tokens::bearer()).json(&order())
}

#[tokio::test]
async fn what_is_not_asked_for_is_ignored() {
    let host = shared().await;
    let many = (0..50).fold(good(), |call, number| {
        call.header(format!("x-{number}"), "y".repeat(100))
    });
    let mut rows = Vec::new();
    for (name, call) in [
        ("many", many),
        ("a long one", good().header("x-long", "y".repeat(10_000))),
        ("bytes beyond ASCII", good().header("x-bytes", "æøå 🎉")),
        ("an empty one", good().header("x-empty", "")),
        (
            "accept nothing that there is",
            good().header("accept", "image/png"),
        ),
        ("accept nothing", good().header("accept", "*/*;q=0")),
        (
            "accept gzip alone",
            good().header("accept-encoding", "gzip, identity;q=0"),
        ),
        ("a language", good().header("accept-language", "nb-NO")),
        (
            "another method",
            good().header("x-http-method-override", "DELETE"),
        ),
        ("a condition", good().header("if-match", "\"x\"")),
        ("a range", good().header("range", "bytes=0-1")),
        (
            "an upgrade",
            good()
                .header("upgrade", "h2c")
                .header("connection", "upgrade"),
        ),
        (
            "spin's own",
            good()
                .header("spin-path-info", "/x")
                .header("spin-raw-component-route", "/x"),
        ),
    ] {
        rows.push((name, call.send(host).await.outcome().0, 202));
    }
    assert_rows(rows);
}

#[tokio::test]
async fn odd_credentials_are_4xx() {
    let host = shared().await;
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

#[tokio::test]
async fn two_bearers_are_never_a_5xx() {
    let host = shared().await;
    for (one, two) in [
        (tokens::bearer(), "x".to_owned()),
        ("x".to_owned(), tokens::bearer()),
    ] {
        let call = post(ORDER_EMAIL).bearer(one).bearer(two).json(&order());
        let (status, _) = call.send(host).await.outcome();
        assert!(status < 500, "{status}");
    }
}

#[tokio::test]
async fn odd_content_types_are_415() {
    let host = shared().await;
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

#[tokio::test]
async fn nothing_of_them_comes_back() {
    let host = shared().await;
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
