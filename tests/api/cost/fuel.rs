//! Instructions executed for a request, as the local host counts them.

use test_issuer::Algorithm;

use super::report;
use crate::support::{
    Host,
    call::Connection,
    order::{ORDER_EMAIL, order},
    post,
    tokens::{ORG, claims_of, trusted},
};

/// The most that an order may cost whose token was verified before.
const WARM_ORDER: u64 = 250_000;

#[tokio::test]
async fn an_order_with_a_verified_token_is_cheap() {
    const REQUESTS: usize = 20;
    let Some(host) = Host::adjusted(&[], |options| options.fuel = true).await else {
        return;
    };
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
    let median = warm[warm.len() / 2];
    report(&format!(
        "fuel: {median} for an order whose RS256 token was verified before, {first} for the first"
    ));
    assert!(median <= WARM_ORDER, "{median} of {WARM_ORDER}");
}
