//! An issuer that is down, in every way: old keys serve for an hour, and then there are none,
//! which is no fault of a token.

use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::{Value, json};
use test_issuer::server::Answer;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::time::sleep;

use super::{
    FAILURE_FLOOR, FETCH_LIMIT, SHORTEST_LIFETIME, SLACK, Scene, issuers_at, new_key, publish,
    set_of, token_of,
};
use crate::support::{Host, assert_rows, host::setup};

/// For how long keys serve without their issuer, in minutes.
const OUTAGE_MINUTES: i64 = 60;

/// The ways of an issuer to be down.
fn failures(good: &Value, elsewhere: &str) -> [(&'static str, Answer); 9] {
    let json = "application/json";
    let mut padded = good.clone();
    padded["padding"] = "x".repeat(300 * 1024).into();
    [
        ("no answer", Answer::none()),
        ("an error", Answer::status(500)),
        ("not found", Answer::status(404)),
        ("no content", Answer::status(204)),
        ("a redirect", Answer::redirect(elsewhere)),
        ("too much", Answer::keys(&padded)),
        ("no JSON", Answer::content("text/html", "<h1>Sorry</h1>")),
        ("no set", Answer::content(json, "[]")),
        ("a set without a list", Answer::keys(&json!({ "keys": {} }))),
    ]
}

/// Without keys nothing can be said of a token: not that it is bad, and not that it is good.
#[tokio::test]
async fn without_keys_the_service_is_unavailable() {
    let key = new_key();
    let good = set_of([&key]);
    let Some(scene) = Scene::start(Answer::none()).await else {
        return;
    };
    let mut rows = Vec::new();
    for (name, answer) in failures(&good, &scene.server.url_of("/elsewhere")) {
        scene.server.now_answers(answer);
        sleep(FAILURE_FLOOR + SLACK).await;
        let asked = scene.server.requests();
        let answer = scene.post(&token_of(&key)).await;
        let asked = scene.server.requests() - asked;
        rows.push((name, (answer.outcome().0, asked), (503, 1)));
    }
    assert_rows(rows);
    assert_eq!(scene.server.strays(), 0, "redirects are not followed");

    scene.server.now_answers(Answer::keys(&good));
    sleep(FAILURE_FLOOR + SLACK).await;
    scene.post(&token_of(&key)).await.expect(202);
}

#[tokio::test]
async fn an_answer_is_not_waited_for_for_ever() {
    let key = new_key();
    let slow = Answer::keys(&set_of([&key])).after(4 * FETCH_LIMIT);
    let Some(scene) = Scene::start(slow).await else {
        return;
    };
    let begun = Instant::now();
    scene.post(&token_of(&key)).await.expect(503).problem();
    assert!(begun.elapsed() >= FETCH_LIMIT - SLACK, "too hasty");
    assert!(begun.elapsed() < 2 * FETCH_LIMIT, "too patient");
}

#[tokio::test]
async fn an_issuer_that_is_down_is_asked_seldom() {
    let Some(scene) = Scene::start(Answer::status(500)).await else {
        return;
    };
    let token = token_of(&new_key());
    let begun = Instant::now();
    let statuses = scene.post_all(vec![token; 100]).await;
    assert_eq!(statuses, [503; 100]);
    let floors = begun.elapsed().as_secs() / FAILURE_FLOOR.as_secs();
    let most = 1 + usize::try_from(floors).unwrap();
    let asked = scene.server.requests();
    assert!(asked <= most, "asked {asked} times, {most} at the most");
}

#[tokio::test]
async fn old_keys_serve_while_the_issuer_is_down() {
    let [key, stranger] = [new_key(), new_key()];
    let good = set_of([&key]);
    let Some(scene) = Scene::start(Answer::keys(&good).max_age(1)).await else {
        return;
    };
    scene.post(&token_of(&key)).await.expect(202);
    sleep(SHORTEST_LIFETIME + SLACK).await;
    let mut rows = Vec::new();
    for (name, answer) in failures(&good, &scene.server.url_of("/elsewhere")) {
        scene.server.now_answers(answer);
        sleep(FAILURE_FLOOR + SLACK).await;
        let before = scene.server.requests();
        let status = scene.post(&token_of(&key)).await.outcome().0;
        // The issuer is asked behind the response.
        let begun = Instant::now();
        while scene.server.requests() == before && begun.elapsed() < FETCH_LIMIT {
            sleep(Duration::from_millis(5)).await;
        }
        let asked = scene.server.requests() - before;
        rows.push((name, (status, asked), (202, 1)));
    }
    assert_rows(rows);

    // Whether the issuer has this key by now cannot be known.
    scene.post(&token_of(&stranger)).await.expect(503).problem();
}

/// The old keys are past their lifetime, and the issuer hangs.
#[tokio::test]
async fn no_request_waits_for_an_issuer_that_hangs() {
    let key = new_key();
    let good = set_of([&key]);
    let Some(scene) = Scene::start(Answer::keys(&good).max_age(1)).await else {
        return;
    };
    scene.post(&token_of(&key)).await.expect(202);
    sleep(SHORTEST_LIFETIME + SLACK).await;
    let hangs = Answer::keys(&good).after(4 * FETCH_LIMIT);
    scene.server.now_answers(hangs);
    for _ in 0..5 {
        let begun = Instant::now();
        scene.post(&token_of(&key)).await.expect(202);
        let waited = begun.elapsed();
        assert!(waited < FETCH_LIMIT / 2, "it waited {waited:?}");
    }
    // What the issuer has by then is taken, behind a response.
    assert_eq!(scene.server.requests(), 2);
}

/// An hour passes in no time: the set is put back in the store as if it had been fetched before.
#[tokio::test]
async fn old_keys_serve_for_an_hour() {
    let key = new_key();
    let server = publish(Answer::keys(&set_of([&key]))).await;
    let issuers = issuers_at(&server.url());
    let folder = tempfile::tempdir().unwrap();
    let setup = setup(&[("bearer_issuers", &issuers)]).on_disk(folder.path());
    let status = async |host: &Host| {
        let answer = super::post_with(&token_of(&key)).send(host).await;
        answer.outcome().0
    };
    let Some(host) = Host::start(&setup).await else {
        return;
    };
    assert_eq!(status(&host).await, 202);
    host.stop().await;

    server.now_answers(Answer::none());
    let mut rows = Vec::new();
    for (name, minutes, expected) in [
        ("within its lifetime", 1, 202),
        ("a minute before the hour", OUTAGE_MINUTES - 1, 202),
        ("a minute after the hour", OUTAGE_MINUTES + 1, 503),
    ] {
        let database = folder.path().join("sqlite_key_value.db");
        age(&Connection::open(database).unwrap(), minutes);
        let host = Host::start(&setup).await.unwrap();
        rows.push((name, status(&host).await, expected));
        host.stop().await;
    }
    assert_rows(rows);
}

/// Makes the one set that is stored so many minutes old.
fn age(store: &Connection, minutes: i64) {
    let found = store
        .query_row(
            "SELECT key, value FROM spin_key_value WHERE key LIKE 'eo:jwks:%'",
            [],
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?)),
        )
        .unwrap();
    let (name, json) = found;
    let mut stored: Value = serde_json::from_slice(&json).unwrap();
    let ago = OffsetDateTime::now_utc() - Duration::from_secs(60 * minutes.unsigned_abs());
    stored["set"]["fetchedAt"] = ago
        .replace_nanosecond(0)
        .unwrap()
        .format(&Rfc3339)
        .unwrap()
        .into();
    let changed = store
        .execute(
            "UPDATE spin_key_value SET value = ?1 WHERE key = ?2",
            (stored.to_string().into_bytes(), name),
        )
        .unwrap();
    assert_eq!(changed, 1);
}
