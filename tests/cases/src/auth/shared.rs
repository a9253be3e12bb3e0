//! Verified tokens that instances share through the store.

use std::sync::Arc;

use serde_json::{Value, json};
use test_issuer::Algorithm;
use test_support::{
    Call, Host, State, assert_rows, case, empty_state,
    order::{ORDER_EMAIL, order_for_later},
    post, setup,
    tokens::{ORG, claims_of, trusted},
};
use uuid::Uuid;

/// Returns a token that no other case uses.
fn rs256() -> String {
    let key = trusted().bearer.key(Algorithm::Rs256);
    let claims = claims_of(ORG).with("jti", Uuid::new_v4().to_string());
    key.token(&claims).unwrap()
}

fn post_with(token: &str) -> Call {
    post(ORDER_EMAIL).bearer(token).json(&order_for_later())
}

/// Starts a host on this store, with this issuer of bearers.
async fn host_with(issuer: &Value, state: &Arc<dyn State>) -> Host {
    let issuers = json!([issuer]).to_string();
    Host::start(setup(&[("bearer_issuers", &issuers)]).on(state)).await
}

#[case]
async fn shared_token_is_refused_when_the_configuration_excludes_it() {
    let state = empty_state();
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
        let host = host_with(&issuer, &state).await;
        let got = post_with(&token).send(&host).await.status.as_u16();
        rows.push((name, got, status));
        // A token that differs in one byte is another token.
        let (rest, signature) = token.rsplit_once('.').unwrap();
        let other = if signature.starts_with('A') { 'B' } else { 'A' };
        let altered = format!("{rest}.{other}{}", &signature[1..]);
        let got = post_with(&altered).send(&host).await.status.as_u16();
        rows.push(("altered", got, 401));
        host.stop().await;
    }
    assert_rows(rows);
}

#[case]
async fn corrupt_shared_token_is_ignored() {
    let state = empty_state();
    let host = Host::start(setup(&[]).on(&state)).await;
    let token = rs256();
    post_with(&token).send(&host).await.expect(202);
    host.stop().await;
    let stored: Vec<_> = state
        .rows()
        .into_keys()
        .filter(|key| key.starts_with("eo:token:"))
        .collect();
    assert_eq!(stored.len(), 1, "{stored:?}");
    state.set(&stored[0], b"nonsense");
    let host = Host::start(setup(&[]).on(&state)).await;
    post_with(&token).send(&host).await.expect(202);
    host.stop().await;
}
