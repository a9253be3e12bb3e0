//! Tokens that name a key which is not in the set.

use std::iter;

use futures_util::future::join_all;
use test_issuer::{Header, SigningKey};
use test_support::{Reply, case};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::{FAILURE_FLOOR, SLACK, Scene, UNKNOWN_KEY_FLOOR, claims, new_key, set_of, token_of};

const CLIENTS: usize = 10;

/// Returns a token that names a key which does not exist.
fn of_unknown_key(signer: &SigningKey) -> String {
    let header = Header::of(signer).with("kid", Uuid::new_v4().to_string());
    signer.token_with(&header, &claims()).unwrap()
}

#[case]
async fn new_key_is_accepted_at_once() {
    let [old, new] = [new_key(), new_key()];
    let answer = Reply::keys(&set_of([&old])).max_age(300);
    let scene = Scene::start(answer).await;
    scene.post(&token_of(&old)).await.expect(202);
    let both = Reply::keys(&set_of([&old, &new])).max_age(300);
    scene.server.set_reply(both);
    let statuses = scene.post_all([&new, &old, &new].map(token_of)).await;
    assert_eq!(statuses, [202; 3]);
    assert_eq!(scene.server.requests(), 2);
}

#[case]
async fn many_unknown_keys_cause_few_fetches() {
    let key = new_key();
    let answer = Reply::keys(&set_of([&key])).max_age(300);
    let scene = Scene::with_requests_per_instance(answer, 10).await;
    let begun = Instant::now();
    scene.post(&token_of(&key)).await.expect(202);
    scene.post(&of_unknown_key(&key)).await.expect(401);
    assert_eq!(scene.server.requests(), 2);
    join_all((0..CLIENTS).map(|_| async {
        let tokens = iter::repeat_with(|| of_unknown_key(&key)).take(20);
        assert_eq!(scene.post_all(tokens).await, [401; 20]);
    }))
    .await;
    // In each interval every instance fetches at most once.
    let floors = begun.elapsed().as_secs() / UNKNOWN_KEY_FLOOR.as_secs();
    let most = 2 + CLIENTS * usize::try_from(floors).unwrap();
    let fetches = scene.server.requests();
    assert!(fetches <= most, "{fetches} fetches, {most} at the most");
    scene.post(&token_of(&key)).await.expect(202);
}

#[case]
async fn new_key_is_accepted_two_seconds_after_a_failure() {
    let [old, new] = [new_key(), new_key()];
    let answer = Reply::keys(&set_of([&old])).max_age(300);
    let scene = Scene::start(answer).await;
    scene.post(&token_of(&old)).await.expect(202);
    scene.server.set_reply(Reply::none());
    scene.post(&token_of(&new)).await.expect(503).problem();
    let both = Reply::keys(&set_of([&old, &new])).max_age(300);
    scene.server.set_reply(both);
    // So soon after a failure the issuer is not asked, and the interval of unknown keys does not start.
    scene.post(&token_of(&new)).await.expect(503).problem();
    assert_eq!(scene.server.requests(), 2);
    sleep(FAILURE_FLOOR + SLACK).await;
    scene.post(&token_of(&new)).await.expect(202);
    assert_eq!(scene.server.requests(), 3);
}

#[case]
async fn unknown_key_is_401() {
    let key = new_key();
    let scene = Scene::start(Reply::keys(&set_of([&key]))).await;
    for _ in 0..3 {
        scene
            .post(&of_unknown_key(&key))
            .await
            .expect(401)
            .problem();
    }
}
