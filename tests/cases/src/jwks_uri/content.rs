//! The members of a set: only keys that verify signatures count.

use serde_json::{Value, json};
use test_issuer::{Algorithm, Header, SigningKey};
use test_support::{Reply, assert_rows, case};

use super::{Scene, claims, new_key, set_of, token_of};

/// Returns members of a set that are not usable keys.
fn unusable() -> Vec<Value> {
    let mut nothing_left = new_key().public_jwk();
    nothing_left["x"] = json!("");
    vec![
        json!(null),
        json!("a key"),
        json!(17),
        json!([]),
        json!({}),
        json!({ "kty": "oct", "k": "c2VjcmV0" }),
        json!({ "kty": "RSA" }),
        json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB" }),
        json!({ "kty": "EC", "crv": "P-521", "x": "AA", "y": "AA" }),
        json!({ "kty": "x".repeat(10_000) }),
        nothing_left,
    ]
}

#[case]
async fn set_with_unusable_members_works() {
    let key = new_key();
    let mut keys = unusable();
    keys.insert(keys.len() / 2, key.public_jwk());
    let scene = Scene::start(Reply::keys(&json!({ "keys": keys }))).await;
    scene.post(&token_of(&key)).await.expect(202);
}

#[case]
async fn key_for_another_use_is_401() {
    let table = [
        ("nothing said", json!({}), 202),
        ("for signatures", json!({ "use": "sig" }), 202),
        ("for encryption", json!({ "use": "enc" }), 401),
        ("to verify", json!({ "key_ops": ["verify"] }), 202),
        (
            "to verify and more",
            json!({ "key_ops": ["sign", "verify"] }),
            202,
        ),
        ("to encrypt", json!({ "key_ops": ["encrypt"] }), 401),
        ("for nothing", json!({ "key_ops": [] }), 401),
        ("for its algorithm", json!({ "alg": "EdDSA" }), 202),
        ("for another algorithm", json!({ "alg": "ES256" }), 401),
        ("for an unknown algorithm", json!({ "alg": "none" }), 401),
    ];
    let other = new_key();
    let mut keys = vec![other.public_jwk()];
    let mut tokens = Vec::new();
    for (_, members, _) in &table {
        let key = new_key();
        let mut jwk = key.public_jwk();
        for member in ["use", "key_ops", "alg"] {
            jwk.as_object_mut().unwrap().remove(member);
        }
        let members = members.as_object().unwrap().clone();
        jwk.as_object_mut().unwrap().extend(members);
        keys.push(jwk);
        tokens.push(token_of(&key));
    }
    let scene = Scene::start(Reply::keys(&json!({ "keys": keys }))).await;
    scene.post(&token_of(&other)).await.expect(202);
    let statuses = scene.post_all(tokens).await;
    let rows = table.into_iter().zip(statuses);
    assert_rows(rows.map(|((name, _, expected), got)| (name, got, expected)));
}

#[case]
async fn set_with_keys_of_every_algorithm_verifies_all() {
    let keys = Algorithm::ALL.map(|algorithm| SigningKey::generate(algorithm).unwrap());
    let scene = Scene::start(Reply::keys(&set_of(&keys))).await;
    let tokens = keys.iter().map(|key| key.token(&claims()).unwrap());
    assert_eq!(scene.post_all(tokens).await, [202; 3]);
    assert_eq!(scene.server.requests(), 1);
}

/// Each key costs a verification, so a token that names none must not cause many.
#[case]
async fn token_without_kid_is_tried_with_four_keys() {
    let keys: [SigningKey; 6] = std::array::from_fn(|_| new_key());
    let scene = Scene::start(Reply::keys(&set_of(&keys))).await;
    let without_kid = |key: &SigningKey| {
        let header = Header::of(key).without("kid");
        key.token_with(&header, &claims()).unwrap()
    };
    let statuses = scene.post_all(keys.iter().map(without_kid)).await;
    assert_eq!(statuses, [202, 202, 202, 202, 401, 401]);
    assert_eq!(scene.post_all(keys.iter().map(token_of)).await, [202; 6]);
    assert_eq!(scene.server.requests(), 1);
}
