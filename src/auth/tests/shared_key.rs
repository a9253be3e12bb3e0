//! Issuers whose fetched sets have a key in common.

use serde_json::json;
use test_issuer::{Claims, SigningKey, forge};

use super::{
    fake_key_host::FakeKeyHost,
    support::{Instance, key, set_of, token, verify},
};
use crate::auth::RejectionReason::{self, BadSignature, Malformed, SharedKey, UnknownKey};

const BEARER: &str = "https://issuer.test";
const BEARER_URL: &str = "https://issuer.test/jwks";
const PLATFORM: &str = "ttd";
const PLATFORM_URL: &str = "https://platform.test/jwks";

const SHARED: Result<(), RejectionReason> = Err(SharedKey);

fn instance() -> Instance {
    Instance::new(
        &json!([{ "issuer": BEARER, "jwks_uri": BEARER_URL }]),
        &json!([{ "issuer": PLATFORM, "jwks_uri": PLATFORM_URL }]),
    )
}

#[test]
fn shared_key_is_used_for_neither_issuer_until_their_sets_differ() {
    let [common, own] = [key(), key()];
    let host = FakeKeyHost::default();
    host.serve_keys(BEARER_URL, [&common, &own]);
    host.serve_keys(PLATFORM_URL, [&common]);
    let first = instance();
    let bearer = |instance: &Instance, key: &SigningKey| {
        verify(&instance.bearer, &token(BEARER, key), &host)
    };
    let platform = |instance: &Instance, key: &SigningKey| {
        verify(&instance.platform, &token(PLATFORM, key), &host)
    };
    let seen_before = token(BEARER, &common);
    assert_eq!(
        verify(&first.bearer, &seen_before, &host),
        Ok(()),
        "the platform's keys are not known yet"
    );
    assert_eq!(platform(&first, &common), SHARED);
    assert_eq!(bearer(&first, &common), SHARED);
    assert_eq!(verify(&first.bearer, &seen_before, &host), SHARED);
    assert_eq!(bearer(&first, &own), Ok(()), "its own key is still used");
    // Invalid tokens are rejected as such.
    let malformed = verify(&first.bearer, "e30.e30.e30", &host);
    assert_eq!(malformed, Err(Malformed));
    let forged = forge::bad_signature(&common, &Claims::of(BEARER)).unwrap();
    assert_eq!(verify(&first.bearer, &forged, &host), Err(BadSignature));

    // Another instance, which sees tokens of one issuer alone, reads the stored keys.
    let second = instance();
    assert_eq!(bearer(&second, &common), SHARED);

    let new = key();
    host.serve_keys(PLATFORM_URL, [&new]).age_stored(400);
    let third = instance();
    assert_eq!(platform(&third, &new), Ok(()));
    assert_eq!(bearer(&third, &common), Ok(()));
    assert_eq!(platform(&third, &common), Err(UnknownKey));
}

#[test]
fn configured_key_in_a_fetched_set_is_shared() {
    let common = key();
    let host = FakeKeyHost::default();
    host.serve_keys(PLATFORM_URL, [&common]);
    let instance = Instance::new(
        &json!([{ "issuer": BEARER, "jwks": set_of([&common]) }]),
        &json!([{ "issuer": PLATFORM, "jwks_uri": PLATFORM_URL }]),
    );
    let bearer = || verify(&instance.bearer, &token(BEARER, &common), &host);
    assert_eq!(bearer(), Ok(()));
    let platform = verify(&instance.platform, &token(PLATFORM, &common), &host);
    assert_eq!(platform, SHARED);
    assert_eq!(bearer(), SHARED);
}
