//! An issuer that fails, in every way. Old keys serve for an hour; without keys the answer is 503.

use std::time::Duration;

use serde_json::{Value, json};
use test_support::{
    Host, Reply, State, assert_rows, case, clock, empty_state, key_server::KeyServer, setup,
};
use tokio::time::{Instant, sleep};

use super::{
    FAILURE_FLOOR, FETCH_LIMIT, SHORTEST_LIFETIME, SLACK, Scene, issuers_at, new_key, set_of,
    token_of,
};

/// How long old keys serve while their issuer fails, in minutes.
const OUTAGE_MINUTES: i64 = 60;

/// Returns the ways in which an issuer fails.
fn failures(good: &Value, elsewhere: &str) -> [(&'static str, Reply); 9] {
    let json = "application/json";
    let mut padded = good.clone();
    padded["padding"] = "x".repeat(300 * 1024).into();
    [
        ("no answer", Reply::none()),
        ("an error", Reply::status(500)),
        ("not found", Reply::status(404)),
        ("no content", Reply::status(204)),
        ("a redirect", Reply::redirect(elsewhere)),
        ("too much", Reply::keys(&padded)),
        ("no JSON", Reply::content("text/html", "<h1>Sorry</h1>")),
        ("no set", Reply::content(json, "[]")),
        ("a set without a list", Reply::keys(&json!({ "keys": {} }))),
    ]
}

#[case]
async fn failed_fetch_without_keys_is_503() {
    let key = new_key();
    let good = set_of([&key]);
    let scene = Scene::start(Reply::none()).await;
    let mut rows = Vec::new();
    for (name, reply) in failures(&good, &scene.server.url_of("/elsewhere")) {
        scene.server.set_reply(reply);
        sleep(FAILURE_FLOOR + SLACK).await;
        let asked = scene.server.requests();
        let answer = scene.post(&token_of(&key)).await;
        let asked = scene.server.requests() - asked;
        rows.push((name, (answer.outcome().0, asked), (503, 1)));
    }
    assert_rows(rows);
    assert_eq!(scene.server.strays(), 0, "redirects are not followed");

    scene.server.set_reply(Reply::keys(&good));
    sleep(FAILURE_FLOOR + SLACK).await;
    scene.post(&token_of(&key)).await.expect(202);
}

#[case]
async fn hanging_fetch_is_503_after_five_seconds() {
    let key = new_key();
    let slow = Reply::keys(&set_of([&key])).after(4 * FETCH_LIMIT);
    let scene = Scene::start(slow).await;
    let begun = Instant::now();
    scene.post(&token_of(&key)).await.expect(503).problem();
    assert!(begun.elapsed() + SLACK >= FETCH_LIMIT, "it waits");
    assert!(begun.elapsed() < 2 * FETCH_LIMIT, "it gives up");
}

#[case]
async fn failing_issuer_is_asked_every_two_seconds() {
    let scene = Scene::start(Reply::status(500)).await;
    let token = token_of(&new_key());
    let begun = Instant::now();
    let statuses = scene.post_all(vec![token; 100]).await;
    assert_eq!(statuses, [503; 100]);
    let floors = begun.elapsed().as_secs() / FAILURE_FLOOR.as_secs();
    let most = 1 + usize::try_from(floors).unwrap();
    let asked = scene.server.requests();
    assert!(asked <= most, "asked {asked} times, {most} at the most");
}

#[case]
async fn old_keys_serve_while_the_issuer_fails() {
    let [key, stranger] = [new_key(), new_key()];
    let good = set_of([&key]);
    let scene = Scene::start(Reply::keys(&good).max_age(1)).await;
    scene.post(&token_of(&key)).await.expect(202);
    sleep(SHORTEST_LIFETIME + SLACK).await;
    let mut rows = Vec::new();
    for (name, reply) in failures(&good, &scene.server.url_of("/elsewhere")) {
        scene.server.set_reply(reply);
        sleep(FAILURE_FLOOR + SLACK).await;
        let before = scene.server.requests();
        let status = scene.post(&token_of(&key)).await.outcome().0;
        // The fetch follows the response.
        let begun = Instant::now();
        while scene.server.requests() == before && begun.elapsed() < FETCH_LIMIT {
            sleep(Duration::from_millis(5)).await;
        }
        let asked = scene.server.requests() - before;
        rows.push((name, (status, asked), (202, 1)));
    }
    assert_rows(rows);

    // The issuer may have published this key meanwhile.
    scene.post(&token_of(&stranger)).await.expect(503).problem();
}

#[case]
async fn request_with_old_keys_does_not_wait_for_a_hanging_issuer() {
    let key = new_key();
    let good = set_of([&key]);
    let scene = Scene::start(Reply::keys(&good).max_age(1)).await;
    scene.post(&token_of(&key)).await.expect(202);
    sleep(SHORTEST_LIFETIME + SLACK).await;
    let hangs = Reply::keys(&good).after(4 * FETCH_LIMIT);
    scene.server.set_reply(hangs);
    for _ in 0..5 {
        let begun = Instant::now();
        scene.post(&token_of(&key)).await.expect(202);
        let waited = begun.elapsed();
        assert!(waited < FETCH_LIMIT / 2, "it waited {waited:?}");
    }
    // One fetch hangs in the background.
    assert_eq!(scene.server.requests(), 2);
}

/// The set in the store is made older, so that hosts with real time need not wait.
#[case]
async fn old_keys_are_503_after_an_hour() {
    let key = new_key();
    let server = KeyServer::start(Reply::keys(&set_of([&key]))).await;
    let issuers = issuers_at(&server.url());
    let state = empty_state();
    let setup = setup(&[("bearer_issuers", &issuers)]).on(&state);
    let status = async |host: &Host| {
        let answer = super::post_with(&token_of(&key)).send(host).await;
        answer.outcome().0
    };
    let host = Host::start(setup.clone()).await;
    assert_eq!(status(&host).await, 202);
    host.stop().await;

    server.set_reply(Reply::none());
    let mut rows = Vec::new();
    for (name, minutes, expected) in [
        ("within its lifetime", 1, 202),
        ("a minute before the hour", OUTAGE_MINUTES - 1, 202),
        ("a minute after the hour", OUTAGE_MINUTES + 1, 503),
    ] {
        set_age(&*state, minutes);
        let host = Host::start(setup.clone()).await;
        rows.push((name, status(&host).await, expected));
        host.stop().await;
    }
    assert_rows(rows);
}

/// Makes the stored set this many minutes old.
fn set_age(state: &dyn State, minutes: i64) {
    let key = stored_key(state);
    let mut stored: Value = serde_json::from_slice(&state.rows()[&key]).unwrap();
    let fetched = clock::now() - time::Duration::minutes(minutes);
    let fetched = fetched.replace_nanosecond(0).unwrap();
    stored["set"]["fetchedAt"] = clock::text(fetched).into();
    state.set(&key, stored.to_string().as_bytes());
}

/// Returns the key of the one stored set.
pub(super) fn stored_key(state: &dyn State) -> String {
    let keys = state.rows().into_keys();
    let mut keys = keys.filter(|key| key.starts_with("eo:jwks:"));
    let (Some(key), None) = (keys.next(), keys.next()) else {
        panic!("not one set: {:?}", state.rows().keys());
    };
    key
}
