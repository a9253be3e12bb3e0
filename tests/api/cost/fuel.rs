//! Instructions per request, as the local host counts them.

use serde_json::Value;
use test_hosts::{Host, Launch, reasons::FUEL};
use test_issuer::Algorithm;
use test_support::{
    case,
    order::{ORDER_EMAIL, order, order_for_later},
    post, setup,
    tokens::{ORG, claims_of, trusted},
};

use super::report;

/// The limit for an order for later whose token has been verified.
const WARM_ORDER: u64 = 250_000;

#[case]
async fn order_with_a_verified_token_costs_at_most_the_limit() {
    let (first, median) = spent(order_for_later).await;
    report(&format!(
        "fuel: {median} for an order for later whose RS256 token was verified before, {first} for \
         the first"
    ));
    assert!(median <= WARM_ORDER, "{median} of {WARM_ORDER}");
    // The delivery after the 202 counts too.
    let (_, median) = spent(order).await;
    report(&format!(
        "fuel: {median} for an order that is due, its delivery included"
    ));
}

/// Returns the cost of the first request, and the median of the following ones.
async fn spent(order: fn() -> Value) -> (u64, u64) {
    const REQUESTS: usize = 20;
    let host = Host::local(FUEL, &Launch::of(&setup(&[])), |options| {
        options.fuel = true
    })
    .await;
    let key = trusted().bearer.key(Algorithm::Rs256);
    let token = key.token(&claims_of(ORG)).unwrap();
    let mut connection = host.connect().await;
    // The cost of a request is known when the next one comes.
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
    (*first, warm[warm.len() / 2])
}
