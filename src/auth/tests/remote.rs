//! Issuers that serve their keys at a URL: withdrawals, outages and unknown keys.

use std::time::Duration;

use futures_util::future::join;
use serde_json::{Value, json};

use super::{
    fake_key_host::FakeKeyHost,
    support::{Instance, key, set_of, token, verify},
};
use crate::auth::{
    RejectionReason::{KeysUnavailable, UnknownKey},
    UnverifiedToken,
};

const ISSUER: &str = "https://issuer.test";
const URL: &str = "https://issuer.test/jwks";

/// Returns a new instance that trusts the issuer.
fn instance() -> Instance {
    let list = json!([{ "issuer": ISSUER, "jwks_uri": URL }]);
    Instance::new(&list, &json!([]))
}

#[test]
fn well_formed_set_without_a_usable_key_withdraws_the_old_keys() {
    for withdrawn in [
        json!({ "keys": [] }),
        json!({ "keys": [null, {}, 1] }),
        json!({ "keys": [{ "kty": "oct", "k": "AA" }] }),
    ] {
        let (host, key) = (FakeKeyHost::default(), key());
        host.serve_keys(URL, [&key]);
        let first = instance();
        let token = token(ISSUER, &key);
        assert_eq!(verify(&first.bearer, &token, &host), Ok(()));
        host.serve(URL, &withdrawn).age_stored(400);
        let second = instance();
        assert_eq!(verify(&second.bearer, &token, &host), Err(UnknownKey));
        // An outage does not restore withdrawn keys.
        host.fail(URL);
        host.age_stored(400);
        let third = instance();
        let result = verify(&third.bearer, &token, &host);
        assert_eq!(result, Err(KeysUnavailable), "{withdrawn}");
    }
}

#[test]
fn failed_fetches_keep_old_keys_in_use_for_an_hour() {
    for (failure, minutes, expected) in [
        (None, 59, Ok(())),
        (None, 61, Err(KeysUnavailable)),
        (Some(json!([])), 59, Ok(())),
        (Some(json!({ "keys": {} })), 59, Ok(())),
        (Some(json!({})), 61, Err(KeysUnavailable)),
    ] {
        let (host, key) = (FakeKeyHost::default(), key());
        host.serve_keys(URL, [&key]);
        let token = token(ISSUER, &key);
        assert_eq!(verify(&instance().bearer, &token, &host), Ok(()));
        match &failure {
            Some(document) => _ = host.serve(URL, document),
            None => host.fail(URL),
        }
        host.age_stored(minutes * 60);
        let result = verify(&instance().bearer, &token, &host);
        assert_eq!(result, expected, "{failure:?} {minutes}");
    }
}

#[test]
fn requests_do_not_wait_for_a_slow_issuer_while_old_keys_are_usable() {
    const DELAY: Duration = Duration::from_secs(2);
    let [old, new] = [key(), key()];
    let host = FakeKeyHost::default();
    host.serve_keys(URL, [&old]);
    let old_token = || token(ISSUER, &old);
    assert_eq!(verify(&instance().bearer, &old_token(), &host), Ok(()));
    host.age_stored(600);
    host.serve_keys(URL, [&new]).delay(URL, DELAY);

    let instance = instance();
    assert_eq!(verify(&instance.bearer, &old_token(), &host), Ok(()));
    assert_eq!(host.elapsed(), Duration::from_millis(500));
    // The fetch is known to be slow now.
    for _ in 0..5 {
        assert_eq!(verify(&instance.bearer, &old_token(), &host), Ok(()));
    }
    assert_eq!(host.elapsed(), Duration::from_millis(500));
    assert_eq!(host.lock().requests, 2, "one fetch is under way");

    host.advance(DELAY);
    let result = verify(&instance.bearer, &old_token(), &host);
    assert_eq!(result, Err(UnknownKey));
    let new_token = token(ISSUER, &new);
    assert_eq!(verify(&instance.bearer, &new_token, &host), Ok(()));
}

#[test]
fn request_waits_for_a_fast_issuer() {
    let [old, new] = [key(), key()];
    let host = FakeKeyHost::default();
    host.serve_keys(URL, [&old]);
    let old_token = token(ISSUER, &old);
    assert_eq!(verify(&instance().bearer, &old_token, &host), Ok(()));
    host.age_stored(600);
    let delay = Duration::from_millis(50);
    host.serve_keys(URL, [&new]).delay(URL, delay);
    // The first request finds out that the old key is withdrawn.
    let result = verify(&instance().bearer, &old_token, &host);
    assert_eq!(result, Err(UnknownKey));
    assert!(host.elapsed() < Duration::from_millis(500));
}

#[test]
fn requests_do_not_wait_after_a_failed_fetch() {
    let (host, key) = (FakeKeyHost::default(), key());
    host.serve_keys(URL, [&key]);
    let token = token(ISSUER, &key);
    assert_eq!(verify(&instance().bearer, &token, &host), Ok(()));
    host.age_stored(600);
    let failed_at = host.ago(3);
    host.alter_stored(|state| state["failedAt"] = failed_at.clone());
    host.delay(URL, Duration::from_secs(1));
    assert_eq!(verify(&instance().bearer, &token, &host), Ok(()));
    assert_eq!(host.elapsed(), Duration::ZERO);
}

#[test]
fn concurrent_requests_share_one_fetch() {
    let (host, key) = (FakeKeyHost::default(), key());
    host.serve_keys(URL, [&key])
        .delay(URL, Duration::from_millis(50));
    let instance = instance();
    let tokens = [token(ISSUER, &key), token(ISSUER, &key)];
    let [first, second] = tokens.each_ref().map(|token| {
        let token = UnverifiedToken::new(token).unwrap();
        instance.bearer.verify(token, &host)
    });
    let (first, second) = host.run(join(first, second));
    assert!(first.is_ok() && second.is_ok());
    assert_eq!(host.lock().requests, 1);
}

/// Replaces the stored set by one of another key.
fn forge(host: &FakeKeyHost, alter: impl Fn(&mut Value)) {
    let forged = set_of([&key()]);
    host.alter_stored(|state| {
        state["set"]["jwks"] = forged.to_string().into();
        alter(state);
    });
}

#[test]
fn implausible_stored_state_is_ignored() {
    let (host, key) = (FakeKeyHost::default(), key());
    host.serve_keys(URL, [&key]);
    let token = token(ISSUER, &key);
    let verify_with_requests = |requests| {
        assert_eq!(verify(&instance().bearer, &token, &host), Ok(()));
        assert_eq!(host.lock().requests, requests);
    };
    verify_with_requests(1);
    verify_with_requests(1);
    let future = host.ago(-3600);
    forge(&host, |state| state["set"]["fetchedAt"] = future.clone());
    verify_with_requests(2);
    verify_with_requests(2);
    // A lifetime is at most 300 seconds.
    let old = host.ago(301);
    forge(&host, |state| {
        state["set"]["fetchedAt"] = old.clone();
        state["set"]["lifetime"] = i64::MAX.into();
    });
    verify_with_requests(3);
    // Failures and unknown keys in the future do not prevent a fetch.
    let recent = host.ago(5);
    forge(&host, |state| {
        state["set"]["fetchedAt"] = recent.clone();
        state["failedAt"] = future.clone();
        state["askedForUnknownAt"] = future.clone();
    });
    verify_with_requests(4);
}

#[test]
fn unknown_key_is_fetched_once_the_issuer_has_recovered() {
    let [old, new] = [key(), key()];
    let host = FakeKeyHost::default();
    host.serve_keys(URL, [&old]);
    let old_token = token(ISSUER, &old);
    assert_eq!(verify(&instance().bearer, &old_token, &host), Ok(()));
    host.serve_keys(URL, [&old, &new]);

    // The last fetch has just failed, so there is no fetch.
    let (fetched_at, failed_at) = (host.ago(5), host.ago(0));
    host.alter_stored(|state| {
        state["set"]["fetchedAt"] = fetched_at.clone();
        state["failedAt"] = failed_at.clone();
    });
    let instance = instance();
    let new_token = || token(ISSUER, &new);
    let result = verify(&instance.bearer, &new_token(), &host);
    assert_eq!(result, Err(KeysUnavailable));
    assert_eq!(host.lock().requests, 1);
    host.advance(Duration::from_millis(2_100));
    assert_eq!(verify(&instance.bearer, &new_token(), &host), Ok(()));
    assert_eq!(host.lock().requests, 2);
    // The next unknown key must wait.
    let unknown = token(ISSUER, &key());
    assert_eq!(verify(&instance.bearer, &unknown, &host), Err(UnknownKey));
    assert_eq!(host.lock().requests, 2);
    host.advance(Duration::from_secs(10));
    assert_eq!(verify(&instance.bearer, &unknown, &host), Err(UnknownKey));
    assert_eq!(host.lock().requests, 3);
}
