//! Issuers that serve their keys at a URL: withdrawals, outages and unknown keys.

use std::{
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::world::{Instance, World, ago, key, token, verify};
use crate::auth::IssuerUnavailable;

const ISSUER: &str = "https://issuer.test";
const URL: &str = "https://issuer.test/jwks";

/// A new instance that trusts the issuer.
fn instance() -> Instance {
    let list = json!([{ "issuer": ISSUER, "jwks_uri": URL }]);
    Instance::of(&list, &json!([]))
}

#[test]
fn a_well_formed_set_replaces_the_old_one_even_without_a_usable_key() {
    for withdrawn in [
        json!({ "keys": [] }),
        json!({ "keys": [null, {}, 1] }),
        json!({ "keys": [{ "kty": "oct", "k": "AA" }] }),
    ] {
        let (world, key) = (World::default(), key());
        world.serves(URL, [&key]);
        let first = instance();
        let token = token(ISSUER, &key);
        assert_eq!(verify(&first.bearer, &token, &world), Ok(true));
        world.answers(URL, &withdrawn).age(400);
        let second = instance();
        assert_eq!(verify(&second.bearer, &token, &world), Ok(false));
        // What was withdrawn does not come back with an outage.
        world.fails(URL);
        world.age(400);
        let third = instance();
        let verdict = verify(&third.bearer, &token, &world);
        assert_ne!(verdict, Ok(true), "{withdrawn}");
    }
}

#[test]
fn only_failures_to_fetch_keep_old_keys_and_for_an_hour() {
    for (failure, minutes, expected) in [
        (None, 59, Ok(true)),
        (None, 61, Err(IssuerUnavailable)),
        (Some(json!([])), 59, Ok(true)),
        (Some(json!({ "keys": {} })), 59, Ok(true)),
        (Some(json!({})), 61, Err(IssuerUnavailable)),
    ] {
        let (world, key) = (World::default(), key());
        world.serves(URL, [&key]);
        let token = token(ISSUER, &key);
        assert_eq!(verify(&instance().bearer, &token, &world), Ok(true));
        match &failure {
            Some(document) => _ = world.answers(URL, document),
            None => world.fails(URL),
        }
        world.age(minutes * 60);
        let verdict = verify(&instance().bearer, &token, &world);
        assert_eq!(verdict, expected, "{failure:?} {minutes}");
    }
}

#[test]
fn no_request_waits_for_an_issuer_that_hangs_while_old_keys_serve() {
    const HANGS: Duration = Duration::from_secs(2);
    let [old, new] = [key(), key()];
    let world = World::default();
    world.serves(URL, [&old]);
    let old_token = || token(ISSUER, &old);
    assert_eq!(verify(&instance().bearer, &old_token(), &world), Ok(true));
    world.age(600);
    world.serves(URL, [&new]).is_slow(URL, HANGS);

    let instance = instance();
    let begun = Instant::now();
    assert_eq!(verify(&instance.bearer, &old_token(), &world), Ok(true));
    assert!(begun.elapsed() < HANGS / 2, "{:?}", begun.elapsed());
    // Later ones know that it takes long.
    let begun = Instant::now();
    for _ in 0..5 {
        assert_eq!(verify(&instance.bearer, &old_token(), &world), Ok(true));
    }
    assert!(begun.elapsed() < HANGS / 4, "{:?}", begun.elapsed());
    assert_eq!(world.lock().requests, 2, "one fetch is under way");

    thread::sleep(HANGS);
    assert_eq!(verify(&instance.bearer, &old_token(), &world), Ok(false));
    let new_token = token(ISSUER, &new);
    assert_eq!(verify(&instance.bearer, &new_token, &world), Ok(true));
}

#[test]
fn a_request_waits_for_an_issuer_that_answers_soon() {
    let [old, new] = [key(), key()];
    let world = World::default();
    world.serves(URL, [&old]);
    let old_token = token(ISSUER, &old);
    assert_eq!(verify(&instance().bearer, &old_token, &world), Ok(true));
    world.age(600);
    world
        .serves(URL, [&new])
        .is_slow(URL, Duration::from_millis(50));
    // The old key was withdrawn long ago: the first request of all finds that out.
    assert_eq!(verify(&instance().bearer, &old_token, &world), Ok(false));
}

#[test]
fn after_a_failure_no_request_waits() {
    let (world, key) = (World::default(), key());
    world.serves(URL, [&key]);
    let token = token(ISSUER, &key);
    assert_eq!(verify(&instance().bearer, &token, &world), Ok(true));
    world.age(600);
    world.alter_stored(|state| state["failedAt"] = ago(3));
    world.is_slow(URL, Duration::from_secs(1));
    let instance = instance();
    let begun = Instant::now();
    assert_eq!(verify(&instance.bearer, &token, &world), Ok(true));
    assert!(begun.elapsed() < Duration::from_millis(300));
}

/// Puts a set of another key in the store, which is to count for ever.
fn forge(world: &World, alter: impl Fn(&mut Value)) {
    let forged = super::world::set_of([&key()]);
    world.alter_stored(|state| {
        state["set"]["jwks"] = forged.to_string().into();
        alter(state);
    });
}

#[test]
fn a_stored_set_is_believed_only_where_it_can_be_true() {
    let (world, key) = (World::default(), key());
    world.serves(URL, [&key]);
    let token = token(ISSUER, &key);
    let verified_after = |requests| {
        assert_eq!(verify(&instance().bearer, &token, &world), Ok(true));
        assert_eq!(world.lock().requests, requests);
    };
    verified_after(1);
    verified_after(1);
    forge(&world, |state| state["set"]["fetchedAt"] = ago(-3600));
    verified_after(2);
    verified_after(2);
    // A lifetime beyond the ceiling is the ceiling.
    forge(&world, |state| {
        state["set"]["fetchedAt"] = ago(301);
        state["set"]["lifetime"] = i64::MAX.into();
    });
    verified_after(3);
    // Failures and questions of the future do not keep a set from being fetched.
    forge(&world, |state| {
        state["set"]["fetchedAt"] = ago(5);
        state["failedAt"] = ago(-3600);
        state["askedForUnknownAt"] = ago(-3600);
    });
    verified_after(4);
}

#[test]
fn an_unknown_key_uses_its_turn_only_by_a_fetch() {
    let [old, new] = [key(), key()];
    let world = World::default();
    world.serves(URL, [&old]);
    let old_token = token(ISSUER, &old);
    assert_eq!(verify(&instance().bearer, &old_token, &world), Ok(true));
    world.serves(URL, [&old, &new]);

    // The last fetch failed less than two seconds ago: there is no fetch, and no turn is used.
    world.alter_stored(|state| {
        state["set"]["fetchedAt"] = ago(5);
        state["failedAt"] = ago(0);
    });
    let instance = instance();
    let new_token = || token(ISSUER, &new);
    let down = Err(IssuerUnavailable);
    assert_eq!(verify(&instance.bearer, &new_token(), &world), down);
    assert_eq!(world.lock().requests, 1);
    thread::sleep(Duration::from_millis(2_100));
    assert_eq!(verify(&instance.bearer, &new_token(), &world), Ok(true));
    assert_eq!(world.lock().requests, 2);
    // The turn is used now.
    let unknown = token(ISSUER, &key());
    assert_eq!(verify(&instance.bearer, &unknown, &world), Ok(false));
    assert_eq!(world.lock().requests, 2);
}
