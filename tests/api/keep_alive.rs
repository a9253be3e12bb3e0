//! Many requests on one connection, and many connections at once.

use std::collections::BTreeSet;

use futures::future::join_all;

use crate::support::{
    Call, Host,
    call::Connection,
    get,
    order::{ORDER_EMAIL, get_order, order, order_id, post_order},
    post,
    raw::RawConnection,
    shared, tokens,
};

#[tokio::test]
async fn a_connection_serves_one_request_after_the_other() {
    let host = shared().await;
    let mut connection = Connection::open(host).await;
    for _ in 0..50 {
        let posted = connection.send(post_order(&order())).await.expect(202);
        let id = order_id(&posted);
        let got = connection.send(get_order(&id)).await.expect(200);
        assert_eq!(got.json()["id"], *id);
        connection.send(get("/health")).await.expect(200);
    }
}

/// The head of an answer and its body leave together: a body that follows waits for the client to
/// acknowledge the head, which takes it 40 ms.
#[tokio::test]
async fn answers_come_in_one_piece() {
    const REQUESTS: usize = 100;
    let Some(host) = Host::with(&[]).await else {
        return;
    };
    let token = tokens::bearer();
    let body = order().to_string();
    let length = body.len();
    let request = format!(
        "POST {ORDER_EMAIL} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    let mut connection = RawConnection::open(&host).await;
    for _ in 0..REQUESTS {
        connection.send(&request).await;
        let answer = connection.answer("an order").await;
        assert_eq!(answer.outcome().0, 202, "{answer}");
    }
    // On a busy machine the two may part now and then.
    let pieces = connection.pieces();
    assert!(pieces < REQUESTS * 5 / 4, "{pieces} pieces");
}

#[tokio::test]
async fn an_error_does_not_end_it() {
    let host = shared().await;
    let mut connection = Connection::open(host).await;
    let good = || post(ORDER_EMAIL).bearer(tokens::bearer());
    let mut call = async |call: Call, status| {
        connection.send(call).await.expect(status);
    };
    for _ in 0..5 {
        call(good().json_text("{"), 400).await;
        call(post(ORDER_EMAIL).json(&order()), 401).await;
        call(get("/x"), 404).await;
        call(get(ORDER_EMAIL), 405).await;
        call(good().body("x"), 415).await;
        call(Call::new("HEAD", "/health"), 200).await;
        call(Call::new("OPTIONS", "/health"), 204).await;
        call(good().json(&order()), 202).await;
    }
}

/// A client that reads what was announced finds the next answer right behind it: nothing is sent
/// in chunks, nothing is announced longer or shorter than it is.
#[tokio::test]
async fn every_answer_is_as_long_as_announced() {
    let host = shared().await;
    let mut connection = RawConnection::open(host).await;
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

#[tokio::test]
async fn requests_may_be_pipelined() {
    let host = shared().await;
    let mut connection = RawConnection::open(host).await;
    let paths = ["/health", "/x", ORDER_EMAIL, "/health"];
    let requests = paths.map(|path| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    connection.send(requests.concat()).await;
    for (path, status) in paths.into_iter().zip([200, 404, 405, 200]) {
        connection.answer(path).await.expect(status);
    }
}

#[tokio::test]
async fn connections_do_not_mix() {
    const CONNECTIONS: usize = 16;
    const ORDERS: usize = 10;
    let host = shared().await;
    let ids = join_all((0..CONNECTIONS).map(async |number| {
        let creator = format!("org-{number}");
        let token = tokens::bearer_of(&creator);
        let mut connection = Connection::open(host).await;
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
