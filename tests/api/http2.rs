//! HTTP/2 on the same port as HTTP/1.1, without TLS and with prior knowledge.

use bytes::Bytes;
use futures_util::future::join_all;
use http::{Version, header};
use test_hosts::{HttpConnection, shared_authority};
use test_support::{
    Call, Connection, PATIENCE, assert_rows, case, get,
    order::{get_order, order, order_for_later, order_id, post_order},
    post,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// The preface of a connection (RFC 9113, section 3.4), and an empty SETTINGS frame.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
/// The type of a SETTINGS frame, and its place in a frame.
const SETTINGS: u8 = 4;
const TYPE: usize = 3;

#[case]
async fn preface_is_answered_in_http2() {
    let mut stream = TcpStream::connect(shared_authority().await).await.unwrap();
    stream.write_all(PREFACE).await.unwrap();
    let mut frame = [0; 9];
    let read = timeout(PATIENCE, stream.read_exact(&mut frame)).await;
    read.expect("an answer in time").expect("a frame");
    assert_eq!(frame[TYPE], SETTINGS, "{frame:?}");
}

async fn open() -> HttpConnection {
    HttpConnection::open_in(shared_authority().await, Version::HTTP_2).await
}

#[case]
async fn order_is_placed_and_read() {
    let mut connection = Connection::new(Box::new(open().await));
    let order = order();
    let placed = connection.send(post_order(&order)).await.expect(202);
    let location = placed.header("location").expect("a location").to_owned();
    assert_eq!(location, format!("/order/{}", order_id(&placed)));
    let got = connection.send(get_order(&order_id(&placed))).await;
    let got = got.expect(200).json();
    assert_eq!(got["sendersReference"], order["sendersReference"]);
}

#[case]
async fn errors_are_the_same_as_in_http1() {
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
    let mut connection = Connection::new(Box::new(open().await));
    let mut got = Vec::new();
    for (name, call, status) in rows {
        got.push((name, connection.send(call).await.outcome().0, status));
    }
    assert_rows(got);
}

/// The order component, the API page and the sandbox's page each answer some of these.
#[case]
async fn head_has_the_headers_of_get() {
    let mut connection = Connection::new(Box::new(open().await));
    for path in [
        "/health",
        "/openapi.json",
        "/docs",
        "/DOCS",
        "/dev/mail",
        "/x",
    ] {
        let get = connection.send(Call::new("GET", path)).await;
        let head = connection.send(Call::new("HEAD", path)).await;
        assert_eq!(head.status, get.status, "{head}");
        assert!(head.body.is_empty(), "{head}");
        for name in [header::CONTENT_LENGTH, header::CONTENT_TYPE] {
            assert!(get.header(&name).is_some(), "{get}");
            assert_eq!(head.header(&name), get.header(&name), "{head}");
        }
    }
}

#[case]
async fn concurrent_requests_share_a_connection() {
    const REQUESTS: usize = 50;
    let connection = open().await;
    let ids = join_all((0..REQUESTS).map(async |_| {
        let mut connection = Connection::new(Box::new(connection.clone()));
        let placed = connection.send(post_order(&order_for_later())).await;
        order_id(&placed.expect(202))
    }))
    .await;
    let different: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(different.len(), REQUESTS);
}
