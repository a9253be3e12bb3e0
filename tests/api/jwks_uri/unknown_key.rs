//! Tokens that name a key which is not in the set: maybe a new one, maybe anything.

use std::{iter, time::Instant};

use futures::future::join_all;
use test_issuer::{Header, SigningKey, server::Answer};
use tokio::time::sleep;
use uuid::Uuid;

use super::{FAILURE_FLOOR, SLACK, Scene, UNKNOWN_KEY_FLOOR, claims, new_key, set_of, token_of};

const CLIENTS: usize = 10;

/// A token that names a key which nobody has.
fn of_no_key(signer: &SigningKey) -> String {
    let header = Header::of(signer).with("kid", Uuid::new_v4().to_string());
    signer.token_with(&header, &claims()).unwrap()
}

#[tokio::test]
async fn a_new_key_is_good_at_once() {
    let [old, new] = [new_key(), new_key()];
    let answer = Answer::keys(&set_of([&old])).max_age(300);
    let Some(scene) = Scene::start(answer).await else {
        return;
    };
    scene.post(&token_of(&old)).await.expect(202);
    let both = Answer::keys(&set_of([&old, &new])).max_age(300);
    scene.server.now_answers(both);
    let statuses = scene.post_all([&new, &old, &new].map(token_of)).await;
    assert_eq!(statuses, [202; 3]);
    assert_eq!(scene.server.requests(), 2);
}

#[tokio::test]
async fn a_stream_of_unknown_keys_is_no_stream_of_fetches() {
    let key = new_key();
    let answer = Answer::keys(&set_of([&key])).max_age(300);
    let Some(scene) = Scene::with_requests_per_instance(answer, 10).await else {
        return;
    };
    let begun = Instant::now();
    scene.post(&token_of(&key)).await.expect(202);
    scene.post(&of_no_key(&key)).await.expect(401);
    assert_eq!(scene.server.requests(), 2);
    join_all((0..CLIENTS).map(|_| async {
        let tokens = iter::repeat_with(|| of_no_key(&key)).take(20);
        assert_eq!(scene.post_all(tokens).await, [401; 20]);
    }))
    .await;
    // For each time that the floor has passed, at most every instance has asked at once.
    let floors = begun.elapsed().as_secs() / UNKNOWN_KEY_FLOOR.as_secs();
    let most = 2 + CLIENTS * usize::try_from(floors).unwrap();
    let fetches = scene.server.requests();
    assert!(fetches <= most, "{fetches} fetches, {most} at the most");
    scene.post(&token_of(&key)).await.expect(202);
}

/// A new key waits for an issuer that fails for no longer than any other one does.
#[tokio::test]
async fn a_new_key_is_good_soon_after_an_outage() {
    let [old, new] = [new_key(), new_key()];
    let answer = Answer::keys(&set_of([&old])).max_age(300);
    let Some(scene) = Scene::start(answer).await else {
        return;
    };
    scene.post(&token_of(&old)).await.expect(202);
    scene.server.now_answers(Answer::none());
    scene.post(&token_of(&new)).await.expect(503).problem();
    let both = Answer::keys(&set_of([&old, &new])).max_age(300);
    scene.server.now_answers(both);
    // So soon after a failure the issuer is not asked, and nothing is used up.
    scene.post(&token_of(&new)).await.expect(503).problem();
    assert_eq!(scene.server.requests(), 2);
    sleep(FAILURE_FLOOR + SLACK).await;
    scene.post(&token_of(&new)).await.expect(202);
    assert_eq!(scene.server.requests(), 3);
}

#[tokio::test]
async fn an_unknown_key_is_no_outage_while_the_issuer_is_up() {
    let key = new_key();
    let Some(scene) = Scene::start(Answer::keys(&set_of([&key]))).await else {
        return;
    };
    for _ in 0..3 {
        scene.post(&of_no_key(&key)).await.expect(401).problem();
    }
}
