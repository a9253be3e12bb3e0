//! Instructions executed for a request, as the local host counts them.

use serde_json::Value;
use test_issuer::Algorithm;

use super::report;
use crate::support::{
    Host,
    call::Connection,
    host::{FUEL, setup},
    order::{ORDER_EMAIL, order, order_for_later},
    post,
    tokens::{ORG, claims_of, trusted},
};

/// The most that an order for later may cost whose token was verified before.
const WARM_ORDER: u64 = 250_000;

#[tokio::test]
async fn an_order_with_a_verified_token_is_cheap() {
    let Some((first, median)) = spent(order_for_later).await else {
        return;
    };
    report(&format!(
        "fuel: {median} for an order for later whose RS256 token was verified before, {first} for \
         the first"
    ));
    assert!(median <= WARM_ORDER, "{median} of {WARM_ORDER}");
    // What follows the 202 is counted with it.
    let Some((_, median)) = spent(order).await else {
        return;
    };
    report(&format!(
        "fuel: {median} for an order that is due, its delivery included"
    ));
}

/// What the first of many requests costs, and the median of the others.
async fn spent(order: fn() -> Value) -> Option<(u64, u64)> {
    const REQUESTS: usize = 20;
    let host = Host::local(FUEL, setup(&[]), |options| options.fuel = true).await?;
    let key = trusted().bearer.key(Algorithm::Rs256);
    let token = key.token(&claims_of(ORG)).unwrap();
    let mut connection = Connection::open(&host).await;
    // What a request has cost is known when the next one comes.
    for _ in 0..=REQUESTS {
        let call = post(ORDER_EMAIL).bearer(&token).json(&order());
        connection.send(call).await.expect(202);
    }
    let spent: Vec<_> = host.fuel().iter().map(|request| request.spent).collect();
    let [first, warm @ ..] = &spent[..] else {
        panic!("no request was counted");
    };
    assert!(warm.len() >= REQUESTS - 1, "one instance serves them all");
    let mut warm = warm.to_vec();
    warm.sort_unstable();
    Some((*first, warm[warm.len() / 2]))
}
