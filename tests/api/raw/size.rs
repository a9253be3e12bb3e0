//! Bodies that are much too large: the host refuses them before it has read them.

use test_hosts::{RawConnection, shared_authority};
use test_support::{assert_rows, case, order::order_of_size};

use super::head;

const MAX_BODY_BYTES: usize = 262_144;

#[case]
async fn much_too_large_body_is_413() {
    let mut rows = Vec::new();
    for bytes in [2 * MAX_BODY_BYTES, 64 * MAX_BODY_BYTES] {
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
            let mut connection = RawConnection::open(shared_authority().await).await;
            let answer = connection.exchange(request.as_bytes(), &name).await;
            let got = answer.map(|answer| answer.outcome().0);
            rows.push((name, got, Some(413)));
        }
    }
    assert_rows(rows);
}

#[case]
async fn too_large_body_is_413_before_it_is_sent_whole() {
    let authority = shared_authority().await;
    let mut announced = RawConnection::open(authority).await;
    announced
        .send(head(&format!("Content-Length: {}", u32::MAX)))
        .await;
    let answer = announced.answer("an announced length").await;
    assert_eq!(answer.outcome().0, 413, "{answer}");

    let mut endless = RawConnection::open(authority).await;
    let chunk = format!(
        "{:x}\r\n{}\r\n",
        MAX_BODY_BYTES + 1,
        " ".repeat(MAX_BODY_BYTES + 1)
    );
    endless
        .send(format!("{}{chunk}", head("Transfer-Encoding: chunked")))
        .await;
    let answer = endless.answer("an endless body").await;
    assert_eq!(answer.outcome().0, 413, "{answer}");
}

/// Returns a text of ASCII in the chunked coding (RFC 9112, section 7.1).
fn chunked(text: &str, size: usize) -> String {
    let chunks = text.as_bytes().chunks(size).map(String::from_utf8_lossy);
    let coded = chunks.map(|chunk| format!("{:x}\r\n{chunk}\r\n", chunk.len()));
    let coded: Vec<_> = coded.chain(["0\r\n\r\n".to_owned()]).collect();
    coded.concat()
}
