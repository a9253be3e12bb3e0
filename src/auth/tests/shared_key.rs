//! Issuers that turn out to share a key once their sets are fetched.

use serde_json::json;
use test_issuer::{Claims, SigningKey, forge};

use super::world::{Instance, World, key, set_of, token, verify};
use crate::auth::IssuerUnavailable;

const BEARER: &str = "https://issuer.test";
const BEARER_URL: &str = "https://issuer.test/jwks";
const PLATFORM: &str = "ttd";
const PLATFORM_URL: &str = "https://platform.test/jwks";

const OUT: Result<bool, IssuerUnavailable> = Err(IssuerUnavailable);

fn instance() -> Instance {
    Instance::of(
        &json!([{ "issuer": BEARER, "jwks_uri": BEARER_URL }]),
        &json!([{ "issuer": PLATFORM, "jwks_uri": PLATFORM_URL }]),
    )
}

#[test]
fn it_serves_neither_until_they_differ() {
    let [common, own] = [key(), key()];
    let world = World::default();
    world.serves(BEARER_URL, [&common, &own]);
    world.serves(PLATFORM_URL, [&common]);
    let first = instance();
    let bearer = |instance: &Instance, key: &SigningKey| {
        verify(&instance.bearer, &token(BEARER, key), &world)
    };
    let platform = |instance: &Instance, key: &SigningKey| {
        verify(&instance.platform, &token(PLATFORM, key), &world)
    };
    let seen_before = token(BEARER, &common);
    assert_eq!(
        verify(&first.bearer, &seen_before, &world),
        Ok(true),
        "the platform's keys are not known yet"
    );
    assert_eq!(platform(&first, &common), OUT);
    assert_eq!(bearer(&first, &common), OUT);
    assert_eq!(verify(&first.bearer, &seen_before, &world), OUT);
    assert_eq!(bearer(&first, &own), Ok(true), "its own key serves on");
    // Only a token that would hold is unavailable.
    assert_eq!(verify(&first.bearer, "e30.e30.e30", &world), Ok(false));
    let wrong = forge::bad_signature(&common, &Claims::of(BEARER));
    assert_eq!(verify(&first.bearer, &wrong.unwrap(), &world), Ok(false));

    // An instance that gets tokens of one alone finds what others have stored.
    let second = instance();
    assert_eq!(bearer(&second, &common), OUT);

    let new = key();
    world.serves(PLATFORM_URL, [&new]).age(400);
    let third = instance();
    assert_eq!(platform(&third, &new), Ok(true));
    assert_eq!(bearer(&third, &common), Ok(true));
    assert_eq!(platform(&third, &common), Ok(false));
}

#[test]
fn a_configured_key_is_found_in_a_fetched_set_too() {
    let common = key();
    let world = World::default();
    world.serves(PLATFORM_URL, [&common]);
    let instance = Instance::of(
        &json!([{ "issuer": BEARER, "jwks": set_of([&common]) }]),
        &json!([{ "issuer": PLATFORM, "jwks_uri": PLATFORM_URL }]),
    );
    let bearer = || verify(&instance.bearer, &token(BEARER, &common), &world);
    assert_eq!(bearer(), Ok(true));
    let platform = verify(&instance.platform, &token(PLATFORM, &common), &world);
    assert_eq!(platform, OUT);
    assert_eq!(bearer(), OUT);
}
