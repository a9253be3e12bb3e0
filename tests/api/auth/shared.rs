//! A token that one instance has verified, in another one: through the store.

use serde_json::{Value, json};
use test_issuer::Algorithm;
use uuid::Uuid;

use crate::support::{
    Call, Host, assert_rows,
    call::Connection,
    host::{FUEL, setup},
    order::{ORDER_EMAIL, order_for_later},
    post,
    tokens::{ORG, claims_of, trusted},
};

/// More than an instance takes for its first request without verifying an RSA signature.
const VERIFICATION: u64 = 10_000_000;

/// A token that no other test has.
fn rs256() -> String {
    let key = trusted().bearer.key(Algorithm::Rs256);
    let claims = claims_of(ORG).with("jti", Uuid::new_v4().to_string());
    key.token(&claims).unwrap()
}

fn order_with(token: &str) -> Call {
    post(ORDER_EMAIL).bearer(token).json(&order_for_later())
}

#[tokio::test]
async fn another_instance_does_not_verify_it_again() {
    let host = Host::local(FUEL, setup(&[]), |options| {
        options.fuel = true;
        // Two requests, and another instance takes over.
        options.reuse.count = 2;
    });
    let Some(host) = host.await else { return };
    let token = rs256();
    let mut connection = Connection::open(&host).await;
    for _ in 0..9 {
        connection.send(order_with(&token)).await.expect(202);
    }
    let mut spent: Vec<_> = host.fuel().iter().map(|request| request.spent).collect();
    assert!(spent.len() >= 7, "{spent:?}");
    assert!(spent[0] > VERIFICATION, "{spent:?}");
    spent.remove(0);
    assert!(spent.iter().all(|&fuel| fuel < VERIFICATION), "{spent:?}");

    // Of another token nothing is known.
    host.reset_calls();
    let token = rs256();
    for _ in 0..3 {
        connection.send(order_with(&token)).await.expect(202);
    }
    let mut spent = host.fuel().into_iter().map(|request| request.spent);
    assert!(spent.any(|fuel| fuel > VERIFICATION));
}

/// A host on a store of its own, with this issuer of bearers.
async fn host_with(issuer: &Value, state: &std::path::Path) -> Option<Host> {
    let issuers = json!([issuer]).to_string();
    Host::start(&setup(&[("bearer_issuers", &issuers)]).on_disk(state)).await
}

#[tokio::test]
async fn it_counts_only_while_the_configuration_lets_it_in() {
    let folder = tempfile::tempdir().unwrap();
    let issuer = trusted().bearer.configuration();
    let changed = |member: &str, value: Value| {
        let mut issuer = issuer.clone();
        issuer[member] = value;
        issuer
    };
    let without_key = {
        let mut issuer = issuer.clone();
        let keys = issuer["jwks"]["keys"].as_array_mut().expect("keys");
        keys.retain(|key| key["alg"] != "RS256");
        issuer
    };
    let token = rs256();
    let mut rows = Vec::new();
    for (name, issuer, status) in [
        ("as it was", issuer.clone(), 202),
        ("for an audience", changed("audiences", json!(["x"])), 401),
        (
            "of another name",
            changed("issuer", json!("https://x.test")),
            401,
        ),
        (
            "by another algorithm",
            changed("algorithms", json!(["ES256"])),
            401,
        ),
        ("without its key", without_key, 401),
        ("as it was again", issuer.clone(), 202),
    ] {
        let Some(host) = host_with(&issuer, folder.path()).await else {
            return;
        };
        let got = order_with(&token).send(&host).await.status.as_u16();
        rows.push((name, got, status));
        // What is altered in a byte is another token, and none.
        let (rest, signature) = token.rsplit_once('.').unwrap();
        let other = if signature.starts_with('A') { 'B' } else { 'A' };
        let altered = format!("{rest}.{other}{}", &signature[1..]);
        let got = order_with(&altered).send(&host).await.status.as_u16();
        rows.push(("altered", got, 401));
        host.stop().await;
    }
    assert_rows(rows);
}

#[tokio::test]
async fn what_is_no_entry_does_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let Some(host) = Host::durable(folder.path()).await else {
        return;
    };
    let token = rs256();
    order_with(&token).send(&host).await.expect(202);
    host.stop().await;
    let file = folder.path().join("sqlite_key_value.db");
    let store = rusqlite::Connection::open(file).expect("the key-value file");
    let spoilt = store.execute(
        "UPDATE spin_key_value SET value = 'nonsense' WHERE key LIKE 'eo:token:%'",
        [],
    );
    assert_eq!(spoilt, Ok(1));
    drop(store);
    let Some(host) = Host::durable(folder.path()).await else {
        return;
    };
    order_with(&token).send(&host).await.expect(202);
    host.stop().await;
}
