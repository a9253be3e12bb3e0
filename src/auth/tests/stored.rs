//! Stored values that another application wrote.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use test_issuer::{Claims, Header, SigningKey};

use super::{
    fake_key_host::FakeKeyHost,
    support::{Instance, key, set_of, token, verify},
};
use crate::{
    auth::{
        RejectionReason::UnknownKey,
        Seal, UnverifiedToken,
        key::Fingerprint,
        shared_tokens::{SharedToken, TokenHash},
        token::VerifiedToken,
    },
    clock::Clock as _,
    digest::half_sha256,
    order::Creator,
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
    Instance::with_seal(&issuers(), &json!([]), Seal::new(trigger_key, previous))
}

/// Returns the name under which the keys at a URL are stored.
fn name_of(url: &str) -> String {
    format!("{:032x}", half_sha256(&[url.as_bytes()]))
}

/// Returns a fresh state with this key.
fn state_with(key: &SigningKey, host: &FakeKeyHost) -> Vec<u8> {
    let set: Value = set_of([key]);
    let state = json!({
        "set": { "fetchedAt": host.ago(1), "lifetime": 300, "jwks": set.to_string() },
    });
    state.to_string().into_bytes()
}

/// Returns a host with the stored keys of both issuers, sealed with this trigger key.
fn host(key: &SigningKey, other: &SigningKey, trigger_key: &str) -> FakeKeyHost {
    let host = FakeKeyHost::default();
    host.serve_keys(URL, [key]).serve_keys(OTHER_URL, [other]);
    let first = instance(trigger_key, "");
    for (issuer, key) in [(ISSUER, key), (OTHER, other)] {
        assert_eq!(verify(&first.bearer, &token(issuer, key), &host), Ok(()));
    }
    assert_eq!(host.lock().stored.len(), 2);
    host
}

#[test]
fn forged_keys_are_used_only_without_a_trigger_key() {
    for (trigger_key, expected) in [("", Ok(())), ("secret", Err(UnknownKey))] {
        let [key, other, attacker] = [key(), key(), key()];
        let host = host(&key, &other, trigger_key);
        let forged = state_with(&attacker, &host);
        host.lock().stored.insert(name_of(URL), forged);
        let instance = instance(trigger_key, "");
        let verify = |key| verify(&instance.bearer, &token(ISSUER, key), &host);
        assert_eq!(verify(&attacker), expected, "{trigger_key:?}");
        if expected.is_err() {
            assert_eq!(verify(&key), Ok(()));
        }
    }
}

#[test]
fn sealed_keys_of_another_issuer_are_not_used() {
    let [key, other] = [key(), key()];
    let host = host(&key, &other, "secret");
    {
        // The value is authentic, but for another name.
        let mut inner = host.lock();
        let authentic = inner.stored[&name_of(OTHER_URL)].clone();
        inner.stored.insert(name_of(URL), authentic);
    }
    let instance = instance("secret", "");
    let crossed = token(ISSUER, &other);
    assert_eq!(verify(&instance.bearer, &crossed, &host), Err(UnknownKey));
    let good = token(ISSUER, &key);
    assert_eq!(verify(&instance.bearer, &good, &host), Ok(()));
}

#[test]
fn stored_keys_are_used_during_a_rotation_of_the_trigger_key() {
    let [key, other] = [key(), key()];
    let host = host(&key, &other, "old");
    let fetched = host.lock().requests;
    let good = || token(ISSUER, &key);
    let during = instance("new", "old");
    assert_eq!(verify(&during.bearer, &good(), &host), Ok(()));
    assert_eq!(host.lock().requests, fetched);
    let after = instance("new", "");
    assert_eq!(verify(&after.bearer, &good(), &host), Ok(()));
    assert_eq!(host.lock().requests, fetched + 1);
}

#[test]
fn shared_token_is_used_only_with_a_valid_seal() {
    let [key, other, attacker] = [key(), key(), key()];
    // Signed by one key, with the id of another one.
    let forged = attacker
        .token_with(&Header::of(&key), &Claims::of(ISSUER))
        .unwrap();
    let configuration = Sha256::digest(issuers().to_string()).into();
    let hash = TokenHash::of(UnverifiedToken::new(&forged).unwrap(), configuration);
    let now = FakeKeyHost::default().now();
    let verified = VerifiedToken {
        issuer: ISSUER.to_owned(),
        scopes: vec!["a".to_owned()],
        organization: Creator::new("ttd"),
        expires_at: now.plus_seconds(3000),
    };
    let fingerprint = Fingerprint::of_any_key(key.public_jwk().as_object().unwrap()).unwrap();
    let entry = SharedToken::write(hash, &verified, fingerprint, now.plus_seconds(30)).unwrap();

    for (sealed_by, trigger_key, previous, is_used) in [
        ("", "", "", true),
        ("", "secret", "", false),
        ("secret", "secret", "", true),
        ("secret", "new", "secret", true),
        ("secret", "new", "", false),
        ("secret", "", "secret", false),
        ("other", "secret", "previous", false),
    ] {
        let host = host(&key, &other, trigger_key);
        let value = Seal::new(sealed_by, "").seal(&hash.sealed_name(), entry.clone());
        host.lock().shared.insert(hash.slot(), value);
        let instance = instance(trigger_key, previous);
        let result = verify(&instance.bearer, &forged, &host);
        let case = format!("{sealed_by:?} under {trigger_key:?} and {previous:?}");
        assert_eq!(result.is_ok(), is_used, "{case}");
    }
}
