//! Verified tokens that instances share through the store.

use test_hosts::{Host, Launch, reasons::FUEL};
use test_issuer::Algorithm;
use test_support::{
    Call, case,
    order::{ORDER_EMAIL, order_for_later},
    post, setup,
    tokens::{ORG, claims_of, trusted},
};
use uuid::Uuid;

/// More fuel than the first request of an instance needs without verifying an RSA signature.
const VERIFICATION: u64 = 10_000_000;

fn order_with_new_token() -> impl Fn() -> Call {
    let key = trusted().bearer.key(Algorithm::Rs256);
    let claims = claims_of(ORG).with("jti", Uuid::new_v4().to_string());
    let token = key.token(&claims).unwrap();
    move || post(ORDER_EMAIL).bearer(&token).json(&order_for_later())
}

#[case]
async fn token_is_verified_once_for_all_instances() {
    let launch = Launch::of(&setup(&[]));
    let host = Host::local(FUEL, &launch, |options| {
        options.fuel = true;
        // A new instance for every other request.
        options.reuse.count = 2;
    });
    let host = host.await;
    let order = order_with_new_token();
    let mut connection = host.connect().await;
    for _ in 0..9 {
        connection.send(order()).await.expect(202);
    }
    let mut spent: Vec<_> = host.fuel().iter().map(|request| request.spent).collect();
    assert!(spent.len() >= 7, "{spent:?}");
    assert!(spent[0] > VERIFICATION, "{spent:?}");
    spent.remove(0);
    assert!(spent.iter().all(|&fuel| fuel < VERIFICATION), "{spent:?}");

    // Another token is verified once more.
    host.reset_counts();
    let order = order_with_new_token();
    for _ in 0..3 {
        connection.send(order()).await.expect(202);
    }
    let mut spent = host.fuel().into_iter().map(|request| request.spent);
    assert!(spent.any(|fuel| fuel > VERIFICATION));
}
