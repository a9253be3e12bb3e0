//! Values in the store that this application did not write.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use test_issuer::{Claims, Header, SigningKey};

use super::world::{Instance, World, ago, key, set_of, token, verify};
use crate::{
    auth::{
        Seal, UnverifiedToken,
        key::Fingerprint,
        shared_tokens::{SharedToken, TokenHash},
        token::VerifiedToken,
    },
    order::Creator,
    timestamp::Timestamp,
};

const ISSUER: &str = "https://issuer.test";
const URL: &str = "https://issuer.test/jwks";
const OTHER: &str = "https://other.test";
const OTHER_URL: &str = "https://other.test/jwks";

fn issuers() -> Value {
    json!([
        { "issuer": ISSUER, "jwks_uri": URL },
        { "issuer": OTHER, "jwks_uri": OTHER_URL },
    ])
}

fn instance(trigger_key: &str, previous: &str) -> Instance {
    Instance::sealed(&issuers(), &json!([]), Seal::new(trigger_key, previous))
}

/// The name that the keys at a URL are stored under.
fn name_of(url: &str) -> String {
    let hash = Sha256::digest(url);
    hash[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A state with this key in it, which is fresh.
fn state_with(key: &SigningKey) -> Vec<u8> {
    let set: Value = set_of([key]);
    let state = json!({
        "set": { "fetchedAt": ago(1), "lifetime": 300, "jwks": set.to_string() },
    });
    state.to_string().into_bytes()
}

/// A world in which both issuers' keys have been fetched and stored under this trigger key.
fn world(key: &SigningKey, other: &SigningKey, trigger_key: &str) -> World {
    let world = World::default();
    world.serves(URL, [key]).serves(OTHER_URL, [other]);
    let first = instance(trigger_key, "");
    for (issuer, key) in [(ISSUER, key), (OTHER, other)] {
        assert_eq!(verify(&first.bearer, &token(issuer, key), &world), Ok(true));
    }
    assert_eq!(world.lock().stored.len(), 2);
    world
}

#[test]
fn forged_keys_are_believed_only_without_a_trigger_key() {
    for (trigger_key, believed) in [("", true), ("secret", false)] {
        let [key, other, attacker] = [key(), key(), key()];
        let world = world(&key, &other, trigger_key);
        let forged = state_with(&attacker);
        world.lock().stored.insert(name_of(URL), forged);
        let instance = instance(trigger_key, "");
        let verdict = |key| verify(&instance.bearer, &token(ISSUER, key), &world);
        assert_eq!(verdict(&attacker), Ok(believed), "{trigger_key:?}");
        if !believed {
            assert_eq!(verdict(&key), Ok(true));
        }
    }
}

#[test]
fn keys_of_another_issuer_are_not_believed() {
    let [key, other] = [key(), key()];
    let world = world(&key, &other, "secret");
    {
        // An authentic value, in another one's place.
        let mut inner = world.lock();
        let authentic = inner.stored[&name_of(OTHER_URL)].clone();
        inner.stored.insert(name_of(URL), authentic);
    }
    let instance = instance("secret", "");
    let crossed = token(ISSUER, &other);
    assert_eq!(verify(&instance.bearer, &crossed, &world), Ok(false));
    let good = token(ISSUER, &key);
    assert_eq!(verify(&instance.bearer, &good, &world), Ok(true));
}

#[test]
fn a_rotated_trigger_key_keeps_what_is_stored() {
    let [key, other] = [key(), key()];
    let world = world(&key, &other, "old");
    let fetched = world.lock().requests;
    let good = || token(ISSUER, &key);
    let during = instance("new", "old");
    assert_eq!(verify(&during.bearer, &good(), &world), Ok(true));
    assert_eq!(world.lock().requests, fetched);
    let after = instance("new", "");
    assert_eq!(verify(&after.bearer, &good(), &world), Ok(true));
    assert_eq!(world.lock().requests, fetched + 1);
}

#[test]
fn a_shared_token_is_believed_only_with_its_seal() {
    let [key, other, attacker] = [key(), key(), key()];
    // Another key's signature under this one's name.
    let forged = attacker
        .token_with(&Header::of(&key), &Claims::of(ISSUER))
        .unwrap();
    let configuration = Sha256::digest(issuers().to_string()).into();
    let hash = TokenHash::of(UnverifiedToken::new(&forged).unwrap(), configuration);
    let now = Timestamp::now();
    let verified = VerifiedToken {
        issuer: ISSUER.to_owned(),
        scopes: vec!["a".to_owned()],
        organization: Creator::new("ttd"),
        expires_at: now.plus_seconds(3000),
    };
    let fingerprint = Fingerprint::of_any_key(key.public_jwk().as_object().unwrap()).unwrap();
    let entry = SharedToken::write(hash, &verified, fingerprint, now.plus_seconds(30)).unwrap();

    for (sealed_by, trigger_key, previous, believed) in [
        ("", "", "", true),
        ("", "secret", "", false),
        ("secret", "secret", "", true),
        ("secret", "new", "secret", true),
        ("secret", "new", "", false),
        ("secret", "", "secret", false),
        ("other", "secret", "previous", false),
    ] {
        let world = world(&key, &other, trigger_key);
        let value = Seal::new(sealed_by, "").close(&hash.stored_name(), entry.clone());
        world.lock().shared.insert(hash.slot(), value);
        let instance = instance(trigger_key, previous);
        let verdict = verify(&instance.bearer, &forged, &world);
        let case = format!("{sealed_by:?} under {trigger_key:?} and {previous:?}");
        assert_eq!(verdict, Ok(believed), "{case}");
    }
}
