//! HTTP/2 on the same port as HTTP/1.1, without TLS: a client that knows of it just begins.

use bytes::Bytes;
use futures::future::join_all;
use http::Version;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::support::{
    Host, assert_rows,
    call::{Connection, PATIENCE},
    get,
    order::{get_order, order, order_for_later, order_id, post_order},
    post, shared,
};

/// What every connection of HTTP/2 begins with (RFC 9113 3.4), and an empty SETTINGS frame.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
/// The type of a SETTINGS frame, and where a frame has it.
const SETTINGS: u8 = 4;
const TYPE: usize = 3;

#[tokio::test]
async fn the_preface_is_answered_in_http2() {
    let host = shared().await;
    let mut stream = TcpStream::connect(host.authority()).await.unwrap();
    stream.write_all(PREFACE).await.unwrap();
    let mut frame = [0; 9];
    let read = timeout(PATIENCE, stream.read_exact(&mut frame)).await;
    read.expect("an answer in time").expect("a frame");
    assert_eq!(frame[TYPE], SETTINGS, "{frame:?}");
}

async fn in_http2(host: &Host) -> Connection {
    Connection::open_in(host, Version::HTTP_2).await
}

#[tokio::test]
async fn an_order_is_placed_and_read() {
    let host = shared().await;
    let mut connection = in_http2(host).await;
    let order = order();
    let placed = connection.send(post_order(&order)).await.expect(202);
    let location = placed.header("location").expect("a location").to_owned();
    assert_eq!(location, format!("/order/{}", order_id(&placed)));
    let got = connection.send(get_order(&order_id(&placed))).await;
    let got = got.expect(200).json();
    assert_eq!(got["sendersReference"], order["sendersReference"]);
}

#[tokio::test]
async fn errors_are_those_of_http1() {
    let host = shared().await;
    let text = order().to_string();
    let (one, two) = text.split_at(text.len() / 2);
    let pieces = [one, two].map(|piece| Bytes::copy_from_slice(piece.as_bytes()));
    let rows = [
        ("no credentials", post("/order/email").json(&order()), 401),
        ("an unknown path", get("/x"), 404),
        ("a wrong method", get("/order/email"), 405),
        ("no JSON", post_order(&order()).body("{"), 400),
        (
            "too large",
            post_order(&order()).body("x".repeat(300_000)),
            413,
        ),
        ("in pieces", post_order(&order()).chunks(pieces), 202),
    ];
    let mut connection = in_http2(host).await;
    let mut got = Vec::new();
    for (name, call, status) in rows {
        got.push((name, connection.send(call).await.outcome().0, status));
    }
    assert_rows(got);
}

/// Requests on one connection do not wait for each other.
#[tokio::test]
async fn requests_at_once_share_a_connection() {
    const REQUESTS: usize = 50;
    let host = shared().await;
    let connection = in_http2(host).await;
    let ids = join_all((0..REQUESTS).map(async |_| {
        let mut connection = connection.shared();
        let placed = connection.send(post_order(&order_for_later())).await;
        order_id(&placed.expect(202))
    }))
    .await;
    let different: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(different.len(), REQUESTS);
}
