//! Requests whose framing is unusual, slow or broken.

use std::time::Duration;

use test_hosts::{RawConnection, shared_authority};
use test_support::{
    Host, case, get,
    order::{order, order_of_size},
};
use tokio::time::sleep;

use super::head;

#[case]
async fn slow_request_is_served() {
    let body = order().to_string();
    let request = format!("{}{body}", head(&format!("Content-Length: {}", body.len())));
    let mut connection = RawConnection::open(shared_authority().await).await;
    for piece in request.as_bytes().chunks(request.len() / 20) {
        connection.send(piece).await;
        sleep(Duration::from_millis(20)).await;
    }
    let answer = connection.answer("a slow request").await;
    assert_eq!(answer.outcome().0, 202, "{answer}");
}

#[case]
async fn chunks_with_extensions_and_trailers_are_accepted() {
    let body = order().to_string();
    let (one, two) = body.split_at(body.len() / 2);
    let chunks = format!(
        "{:x};name=value\r\n{one}\r\n{:X}\r\n{two}\r\n0\r\nX-Trailer: x\r\n\r\n",
        one.len(),
        two.len()
    );
    let mut connection = RawConnection::open(shared_authority().await).await;
    connection
        .send(format!("{}{chunks}", head("Transfer-Encoding: chunked")))
        .await;
    let answer = connection.answer("a chunked request").await;
    assert_eq!(answer.outcome().0, 202, "{answer}");
}

/// RFC 9112, section 6.3
#[case]
async fn transfer_encoding_overrides_content_length() {
    let body = order().to_string();
    let chunks = |body: &str| format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    for (length, body, status) in [
        (1, &*body, 202),
        (body.len() - 1, &body, 202),
        (body.len() + 1, &body, 202),
        (0, &body, 202),
        (300_000, &body, 202),
        (10, &order_of_size(262_145), 413),
        // The announced length is an order; the whole body is not.
        (body.len(), &format!("{body}x"), 400),
    ] {
        for framing in [
            format!("Content-Length: {length}\r\nTransfer-Encoding: chunked"),
            format!("Transfer-Encoding: chunked\r\nContent-Length: {length}"),
        ] {
            let request = format!("{}{}", head(&framing), chunks(body));
            let mut connection = RawConnection::open(shared_authority().await).await;
            let answer = connection.exchange(request.as_bytes(), &framing).await;
            let answer = answer.expect("an answer");
            assert_eq!(answer.outcome().0, status, "{framing}: {answer}");
        }
    }
}

#[case]
async fn expect_100_continue_is_served() {
    let body = order().to_string();
    let mut connection = RawConnection::open(shared_authority().await).await;
    let framing = format!("Content-Length: {}\r\nExpect: 100-continue", body.len());
    connection.send(head(&framing)).await;
    sleep(Duration::from_millis(50)).await;
    connection.send(&body).await;
    let answer = connection.answer("a request that expects 100").await;
    assert_eq!(answer.outcome().0, 202, "{answer}");
}

#[case]
async fn missing_body_is_400() {
    for framing in [
        "Content-Length: 0",
        "X-No: length",
        "Transfer-Encoding: chunked",
    ] {
        let mut connection = RawConnection::open(shared_authority().await).await;
        let end = if framing.contains("chunked") {
            "0\r\n\r\n"
        } else {
            ""
        };
        connection.send(format!("{}{end}", head(framing))).await;
        let answer = connection.answer(framing).await;
        assert_eq!(answer.outcome(), (400, vec![String::new()]), "{answer}");
    }
}

#[case]
async fn body_longer_than_announced_is_cut() {
    let body = order().to_string();
    let mut connection = RawConnection::open(shared_authority().await).await;
    let framing = format!("Content-Length: {}\r\nConnection: close", body.len() - 1);
    connection.send(format!("{}{body}", head(&framing))).await;
    let answer = connection.answer("a body that is too long").await;
    assert_eq!(answer.outcome(), (400, vec!["$".to_owned()]), "{answer}");
}

#[case]
async fn interrupted_request_leaves_the_host_serving(host: &Host) {
    for request in [
        "POST".to_owned(),
        "POST /order/email HTTP/1.1\r\nHost".to_owned(),
        head("Content-Length: 1000"),
        format!("{}{{\"subject\":", head("Content-Length: 1000")),
        format!("{}5\r\n{{\"su", head("Transfer-Encoding: chunked")),
        format!("{}5\r\n{{\"sub\r\n", head("Transfer-Encoding: chunked")),
    ] {
        let mut connection = RawConnection::open(shared_authority().await).await;
        connection.send(&request).await;
        connection.finish().await;
        if let Some(answer) = connection.answer_or_close("a broken off request").await {
            assert!(answer.status.is_client_error(), "{request}: {answer}");
        }
        drop(connection);
        assert_serves(host).await;
    }
}

#[case]
async fn malformed_http_leaves_the_host_serving(host: &Host) {
    for request in [
        "\r\n\r\n\r\n".to_owned(),
        "garbage\r\n\r\n".to_owned(),
        "GET /health\r\n\r\n".to_owned(),
        "GET /health HTTP/9.9\r\n\r\n".to_owned(),
        "GET  /health  HTTP/1.1\r\n\r\n".to_owned(),
        "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0".to_owned(),
        "GET /health HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n".to_owned(),
        head("Content-Length: -1"),
        head("Content-Length: x"),
        head("Content-Length: 1\r\nContent-Length: 2"),
        head("Content-Length: 99999999999999999999999"),
        format!("{}zz\r\nx\r\n0\r\n\r\n", head("Transfer-Encoding: chunked")),
        format!("{}-1\r\nx\r\n0\r\n\r\n", head("Transfer-Encoding: chunked")),
        format!(
            "GET /health HTTP/1.1\r\nHost: a\r\n{}\r\n",
            "X: y\r\n".repeat(1000)
        ),
        format!(
            "GET /health HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n",
            "y".repeat(1_000_000)
        ),
    ] {
        let mut connection = RawConnection::open(shared_authority().await).await;
        connection.offer(&request).await;
        connection.finish().await;
        if let Some(answer) = connection.answer_or_close("no HTTP").await {
            assert!(answer.status.is_client_error(), "{request:.200}: {answer}");
        }
        assert_serves(host).await;
    }
}

async fn assert_serves(host: &Host) {
    get("/health").send(host).await.expect(200);
}
