//! Many requests on one connection, and many concurrent connections.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use test_hosts::{RawConnection, shared_authority};
use test_support::{
    Call, Host, case, get,
    order::{ORDER_EMAIL, get_order, order, order_id, post_order},
    post, tokens,
};

#[case]
async fn connection_serves_requests_in_turn(host: &Host) {
    let mut connection = host.connect().await;
    for _ in 0..50 {
        let posted = connection.send(post_order(&order())).await.expect(202);
        let id = order_id(&posted);
        let got = connection.send(get_order(&id)).await.expect(200);
        assert_eq!(got.json()["id"], *id);
        connection.send(get("/health")).await.expect(200);
    }
}

/// A body that is sent after its head waits for a delayed acknowledgement of the head, 40 ms (Nagle's
/// algorithm).
#[case]
async fn head_and_body_arrive_together() {
    const REQUESTS: usize = 100;
    let host = test_hosts::Host::with(&[]).await;
    let token = tokens::bearer();
    let body = order().to_string();
    let length = body.len();
    let request = format!(
        "POST {ORDER_EMAIL} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    let mut connection = RawConnection::open(host.authority()).await;
    for _ in 0..REQUESTS {
        connection.send(&request).await;
        let answer = connection.answer("an order").await;
        assert_eq!(answer.outcome().0, 202, "{answer}");
    }
    // On a busy machine a few arrive in two pieces.
    let pieces = connection.pieces();
    assert!(pieces < REQUESTS * 5 / 4, "{pieces} pieces");
}

#[case]
async fn error_does_not_close_the_connection(host: &Host) {
    let mut connection = host.connect().await;
    let valid = || post(ORDER_EMAIL).bearer(tokens::bearer());
    let mut call = async |call: Call, status| {
        connection.send(call).await.expect(status);
    };
    for _ in 0..5 {
        call(valid().json_text("{"), 400).await;
        call(post(ORDER_EMAIL).json(&order()), 401).await;
        call(get("/x"), 404).await;
        call(get(ORDER_EMAIL), 405).await;
        call(valid().body("x"), 415).await;
        call(Call::new("HEAD", "/health"), 200).await;
        call(Call::new("OPTIONS", "/health"), 204).await;
        call(valid().json(&order()), 202).await;
    }
}

/// After the announced length the next answer begins: nothing is sent in chunks.
#[case]
async fn every_answer_has_the_announced_length() {
    let mut connection = RawConnection::open(shared_authority().await).await;
    let token = tokens::bearer();
    let order = order().to_string();
    let post = |body: &str| {
        format!(
            "POST {ORDER_EMAIL} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    for (request, status) in [
        (get("/health"), 200),
        (post(&order), 202),
        (post("{"), 400),
        (get(ORDER_EMAIL), 405),
        (get("/x"), 404),
        (get("/order/x"), 401),
        (post(&order), 202),
    ] {
        connection.send(&request).await;
        connection.answer(&request).await.expect(status);
    }
}

#[case]
async fn pipelined_requests_are_answered_in_order() {
    let mut connection = RawConnection::open(shared_authority().await).await;
    let paths = ["/health", "/x", ORDER_EMAIL, "/health"];
    let requests = paths.map(|path| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    connection.send(requests.concat()).await;
    for (path, status) in paths.into_iter().zip([200, 404, 405, 200]) {
        connection.answer(path).await.expect(status);
    }
}

#[case]
async fn concurrent_connections_do_not_mix(host: &Host) {
    const CONNECTIONS: usize = 16;
    const ORDERS: usize = 10;
    let ids = join_all((0..CONNECTIONS).map(async |number| {
        let creator = format!("org-{number}");
        let token = tokens::bearer_of(&creator);
        let mut connection = host.connect().await;
        let mut ids = Vec::new();
        for _ in 0..ORDERS {
            let order = order();
            let call = post(ORDER_EMAIL).bearer(&token).json(&order);
            let id = order_id(&connection.send(call).await.expect(202));
            let call = get(format!("/order/{id}")).bearer(&token);
            let got = connection.send(call).await.expect(200).json();
            assert_eq!(got["creator"], *creator);
            assert_eq!(got["sendersReference"], order["sendersReference"]);
            ids.push(id);
        }
        ids
    }))
    .await;
    let ids: BTreeSet<_> = ids.into_iter().flatten().collect();
    assert_eq!(ids.len(), CONNECTIONS * ORDERS);
}
