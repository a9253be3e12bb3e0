//! Linear memory of an instance.

use futures_util::future::join_all;
use test_hosts::{Host, Launch, reasons::MEMORY};
use test_issuer::Claims;
use test_support::{
    case,
    order::{ORDER_EMAIL, order},
    post, setup, tokens,
};

use super::report;

const REQUESTS: usize = 10_000;
const CLIENTS: usize = 8;
/// More tokens than an instance caches.
const TOKENS: usize = 2_000;

/// The most that the second half of the requests may add.
const GROWTH: usize = 1 << 20;
/// The most that an instance may use.
const MOST: usize = 16 << 20;

async fn serve(host: &Host, requests: usize, tokens: &[String]) {
    join_all((0..CLIENTS).map(|client| async move {
        let mut connection = host.connect().await;
        for number in 0..requests / CLIENTS {
            let token = &tokens[(number * CLIENTS + client) % tokens.len()];
            let call = post(ORDER_EMAIL).bearer(token).json(&order());
            connection.send(call).await.expect(202);
        }
    }))
    .await;
}

#[case]
async fn memory_does_not_grow_with_ten_thousand_requests() {
    // One instance serves them all.
    let endless = |options: &mut local_host::Options| options.reuse.count = usize::MAX;
    let host = Host::local(MEMORY, &Launch::of(&setup(&[])), endless).await;
    let distinct = |number: usize| -> Claims {
        tokens::claims_of(tokens::ORG).with("jti", number.to_string())
    };
    let tokens: Vec<_> = (0..TOKENS)
        .map(|number| tokens::bearer_with(&distinct(number)))
        .collect();
    serve(&host, CLIENTS, &tokens).await;
    let begin = host.peak_memory();
    serve(&host, REQUESTS / 2, &tokens).await;
    let halfway = host.peak_memory();
    serve(&host, REQUESTS / 2, &tokens).await;
    let end = host.peak_memory();
    report(&format!(
        "linear memory: {begin} bytes at first, {halfway} after {} requests, {end} after {REQUESTS}",
        REQUESTS / 2
    ));
    assert!(end <= halfway + GROWTH, "{halfway} → {end}");
    assert!(end <= MOST, "{end}");
}
