//! What is in a set: only keys for verifying signatures count, others do no harm.

use serde_json::{Value, json};
use test_issuer::{Algorithm, SigningKey, server::Answer};

use super::{Scene, claims, new_key, set_of, token_of};
use crate::support::assert_rows;

/// Members of a set that are no usable keys.
fn junk() -> Vec<Value> {
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

#[tokio::test]
async fn a_set_with_junk_in_it_works() {
    let key = new_key();
    let mut keys = junk();
    keys.insert(keys.len() / 2, key.public_jwk());
    let Some(scene) = Scene::start(Answer::keys(&json!({ "keys": keys }))).await else {
        return;
    };
    scene.post(&token_of(&key)).await.expect(202);
}

/// What a key says of its use binds, in a set that has a good key besides.
#[tokio::test]
async fn keys_verify_what_they_allow() {
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
    let Some(scene) = Scene::start(Answer::keys(&json!({ "keys": keys }))).await else {
        return;
    };
    scene.post(&token_of(&other)).await.expect(202);
    let statuses = scene.post_all(tokens).await;
    let rows = table.into_iter().zip(statuses);
    assert_rows(rows.map(|((name, _, expected), got)| (name, got, expected)));
}

#[tokio::test]
async fn every_algorithm_has_its_keys() {
    let keys = Algorithm::ALL.map(|algorithm| SigningKey::generate(algorithm).unwrap());
    let Some(scene) = Scene::start(Answer::keys(&set_of(&keys))).await else {
        return;
    };
    let tokens = keys.iter().map(|key| key.token(&claims()).unwrap());
    assert_eq!(scene.post_all(tokens).await, [202; 3]);
    assert_eq!(scene.server.requests(), 1);
}
