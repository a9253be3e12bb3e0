//! A body has a greatest size, whether it is announced or found out.

use bytes::Bytes;

use super::outcome_of_text;
use crate::support::{
    assert_rows,
    order::{ORDER_EMAIL, order, order_of_size},
    post,
    raw::RawConnection,
    shared, tokens,
};

const MAX_BODY_BYTES: usize = 262_144;

#[tokio::test]
async fn the_greatest_size_is_fine_and_one_more_is_not() {
    let host = shared().await;
    let mut rows = Vec::new();
    for (bytes, expected) in [
        (MAX_BODY_BYTES - 1, 202),
        (MAX_BODY_BYTES, 202),
        (MAX_BODY_BYTES + 1, 413),
        (2 * MAX_BODY_BYTES, 413),
        (16 * MAX_BODY_BYTES, 413),
    ] {
        let order = Bytes::from(order_of_size(bytes));
        let whole = outcome_of_text(host, order.clone()).await.0;
        rows.push((format!("{bytes} bytes"), whole, expected));
        for chunk in [1000, 65_536] {
            let chunks: Vec<_> = order.chunks(chunk).map(Bytes::copy_from_slice).collect();
            let chunked = post(ORDER_EMAIL)
                .bearer(tokens::bearer())
                .header("content-type", "application/json")
                .chunks(chunks)
                .send(host)
                .await;
            let name = format!("{bytes} bytes in chunks of {chunk}");
            rows.push((name, chunked.outcome().0, expected));
        }
    }
    assert_rows(rows);
}

#[tokio::test]
async fn too_much_is_refused_before_it_is_sent() {
    let host = shared().await;
    let token = tokens::bearer();
    let head = format!(
        "POST {ORDER_EMAIL} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\n"
    );

    let mut announced = RawConnection::open(host).await;
    announced
        .send(format!("{head}Content-Length: {}\r\n\r\n", u32::MAX))
        .await;
    let answer = announced.answer("an announced length").await;
    assert_eq!(answer.outcome().0, 413, "{answer}");

    let mut chunked = RawConnection::open(host).await;
    let chunk = format!(
        "{:x}\r\n{}\r\n",
        MAX_BODY_BYTES + 1,
        " ".repeat(MAX_BODY_BYTES + 1)
    );
    chunked
        .send(format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunk}"))
        .await;
    let answer = chunked.answer("a body without an end").await;
    assert_eq!(answer.outcome().0, 413, "{answer}");
}

#[tokio::test]
async fn a_body_may_come_in_single_bytes() {
    let host = shared().await;
    let order = order().to_string();
    let chunks: Vec<_> = order.bytes().map(|byte| vec![byte]).collect();
    let answer = post(ORDER_EMAIL)
        .bearer(tokens::bearer())
        .header("content-type", "application/json")
        .chunks(chunks)
        .send(host)
        .await;
    assert_eq!(answer.outcome().0, 202, "{answer}");
}
