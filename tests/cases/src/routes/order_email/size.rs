//! The size limit of the body, with and without an announced length.

use serde_json::Value;
use test_support::{
    Host, assert_rows, case,
    order::{order, order_of_size, post_order},
};

const MAX_BODY_BYTES: usize = 262_144;

#[case]
async fn body_one_byte_too_large_is_413(host: &Host) {
    let mut rows = Vec::new();
    for (bytes, expected) in [
        (MAX_BODY_BYTES - 1, 202),
        (MAX_BODY_BYTES, 202),
        (MAX_BODY_BYTES + 1, 413),
    ] {
        let order = order_of_size(bytes);
        let json = || post_order(&Value::Null);
        for (name, call) in [
            ("whole", json().body(order.clone())),
            ("in chunks", json().chunks(chunks(&order, 1000))),
            ("in one chunk", json().chunks([order.clone()])),
        ] {
            let got = call.send(host).await.outcome().0;
            rows.push((format!("{bytes} bytes, {name}"), got, expected));
        }
    }
    assert_rows(rows);
}

#[case]
async fn body_in_single_byte_chunks_is_accepted(host: &Host) {
    let call = post_order(&Value::Null).chunks(chunks(&order().to_string(), 1));
    call.send(host).await.expect(202);
}

fn chunks(text: &str, size: usize) -> Vec<Vec<u8>> {
    text.as_bytes().chunks(size).map(<[u8]>::to_vec).collect()
}
