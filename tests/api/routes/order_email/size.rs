//! A body has a greatest size, whether it is announced or found out.

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
        (64 * MAX_BODY_BYTES, 413),
    ] {
        let order = order_of_size(bytes);
        for (name, framing, body) in [
            ("whole", format!("Content-Length: {bytes}"), order.clone()),
            (
                "chunked",
                "Transfer-Encoding: chunked".to_owned(),
                chunked(&order, 1000),
            ),
            (
                "in one chunk",
                "Transfer-Encoding: chunked".to_owned(),
                chunked(&order, bytes),
            ),
        ] {
            let name = format!("{bytes} bytes, {name}");
            let request = format!("{}{body}", head(&framing));
            let mut connection = RawConnection::open(host).await;
            let answer = connection.exchange(request.as_bytes(), &name).await;
            let got = answer.map(|answer| answer.outcome().0);
            rows.push((name, got, Some(expected)));
        }
    }
    assert_rows(rows);
}

#[tokio::test]
async fn too_much_is_refused_before_it_is_sent() {
    let host = shared().await;
    let mut announced = RawConnection::open(host).await;
    announced
        .send(head(&format!("Content-Length: {}", u32::MAX)))
        .await;
    let answer = announced.answer("an announced length").await;
    assert_eq!(answer.outcome().0, 413, "{answer}");

    let mut endless = RawConnection::open(host).await;
    let chunk = format!(
        "{:x}\r\n{}\r\n",
        MAX_BODY_BYTES + 1,
        " ".repeat(MAX_BODY_BYTES + 1)
    );
    endless
        .send(format!("{}{chunk}", head("Transfer-Encoding: chunked")))
        .await;
    let answer = endless.answer("a body without an end").await;
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

/// The head of a request with good credentials.
fn head(framing: &str) -> String {
    let token = tokens::bearer();
    format!(
        "POST {ORDER_EMAIL} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\n{framing}\r\n\r\n"
    )
}

/// The chunked coding (RFC 9112, section 7.1) of a text of ASCII.
fn chunked(text: &str, size: usize) -> String {
    let chunks = text.as_bytes().chunks(size).map(String::from_utf8_lossy);
    let coded = chunks.map(|chunk| format!("{:x}\r\n{chunk}\r\n", chunk.len()));
    let coded: Vec<_> = coded.chain(["0\r\n\r\n".to_owned()]).collect();
    coded.concat()
}
