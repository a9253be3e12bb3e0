//! Linear memory: what an instance takes does not grow with what it has served.

use futures::future::join_all;
use test_issuer::Claims;

use super::report;
use crate::support::{
    Host,
    call::Connection,
    host::{MEMORY, setup},
    order::{ORDER_EMAIL, order},
    post, tokens,
};

const REQUESTS: usize = 10_000;
const CLIENTS: usize = 8;
/// More tokens than an instance can remember.
const TOKENS: usize = 2_000;

/// The most that the second half of all requests may add.
const GROWTH: usize = 1 << 20;
/// The most that an instance may take.
const MOST: usize = 16 << 20;

async fn serve(host: &Host, requests: usize, tokens: &[String]) {
    join_all((0..CLIENTS).map(|client| async move {
        let mut connection = Connection::open(host).await;
        for number in 0..requests / CLIENTS {
            let token = &tokens[(number * CLIENTS + client) % tokens.len()];
            let call = post(ORDER_EMAIL).bearer(token).json(&order());
            connection.send(call).await.expect(202);
        }
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_requests_leave_an_instance_as_large_as_before() {
    // One instance serves them all.
    let endless = |options: &mut local_host::Options| options.reuse.count = usize::MAX;
    let Some(host) = Host::local(MEMORY, setup(&[]), endless).await else {
        return;
    };
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
