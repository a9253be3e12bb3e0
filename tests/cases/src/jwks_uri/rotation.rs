//! Key rotation: no valid token is refused, and tokens of withdrawn keys are soon.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    time::Duration,
};

use futures_util::future::join_all;
use serde_json::json;
use test_issuer::SigningKey;
use test_support::{Reply, case};
use tokio::{
    join,
    time::{Instant, sleep},
};

use super::{SHORTEST_LIFETIME, SLACK, Scene, new_key, post_with, set_of, token_of};

const CLIENTS: usize = 8;
const BETWEEN_CALLS: Duration = Duration::from_millis(50);
const BETWEEN_CHANGES: Duration = Duration::from_secs(4);

/// Clients that post orders with tokens of one key.
struct Stream<'a> {
    scene: &'a Scene,
    key: &'a SigningKey,
    stop: &'a AtomicBool,
    sent: AtomicUsize,
}

impl Stream<'_> {
    /// Posts until told to stop, every token twice; returns each answer's status with the time at
    /// which its request was sent.
    async fn run(&self) -> Vec<(Instant, u16)> {
        let mut connection = self.scene.host.connect().await;
        let mut answers = Vec::new();
        let mut token = token_of(self.key);
        while !self.stop.load(SeqCst) {
            if self.sent.fetch_add(1, SeqCst).is_multiple_of(2) {
                token = token_of(self.key);
            }
            let begun = Instant::now();
            let answer = connection.send(post_with(&token)).await;
            answers.push((begun, answer.status.as_u16()));
            sleep(BETWEEN_CALLS).await;
        }
        answers
    }

    async fn run_clients(&self) -> Vec<(Instant, u16)> {
        join_all((0..CLIENTS).map(|_| self.run())).await.concat()
    }
}

#[case]
async fn rotation_under_load_refuses_no_valid_token() {
    let [old, new] = [new_key(), new_key()];
    let publish = |keys: &[&SigningKey]| Reply::keys(&set_of(keys.iter().copied())).max_age(1);
    let scene = Scene::start(publish(&[&old])).await;
    let (stop_old, stop_new) = (AtomicBool::new(false), AtomicBool::new(false));
    let stream = |key, stop| Stream {
        scene: &scene,
        key,
        stop,
        sent: AtomicUsize::new(0),
    };
    let (of_old, of_new) = (stream(&old, &stop_old), stream(&new, &stop_new));

    let change = async {
        sleep(BETWEEN_CHANGES).await;
        scene.server.set_reply(publish(&[&old, &new]));
        let published = Instant::now();
        sleep(BETWEEN_CHANGES).await;
        let withdrawn = Instant::now();
        scene.server.set_reply(publish(&[&new]));
        sleep(2 * SHORTEST_LIFETIME).await;
        stop_old.store(true, SeqCst);
        stop_new.store(true, SeqCst);
        (published, withdrawn)
    };
    let from_publication = async {
        // A moment after the publication: requests before it find no such key.
        sleep(BETWEEN_CHANGES + Duration::from_millis(200)).await;
        of_new.run_clients().await
    };
    let (old_answers, new_answers, (published, withdrawn)) =
        join!(of_old.run_clients(), from_publication, change);

    let of_status = |answers: &[(Instant, u16)], status: u16| {
        answers.iter().filter(|(_, got)| *got == status).count()
    };
    assert!(new_answers.iter().all(|(begun, _)| *begun > published));
    assert_eq!(of_status(&new_answers, 202), new_answers.len(), "new key");
    let (before, after): (Vec<_>, Vec<_>) = old_answers
        .into_iter()
        .partition(|(begun, _)| *begun < withdrawn);
    assert_eq!(of_status(&before, 202), before.len(), "not withdrawn yet");
    // Meanwhile one instance accepts the key and another does not; neither answers 503.
    let ceiling = withdrawn + SHORTEST_LIFETIME + SLACK;
    let late: Vec<_> = after
        .iter()
        .copied()
        .filter(|(begun, _)| *begun > ceiling)
        .collect();
    assert!(!late.is_empty() && !before.is_empty() && !new_answers.is_empty());
    assert_eq!(of_status(&late, 401), late.len(), "withdrawn");
    let expected = of_status(&after, 202) + of_status(&after, 401);
    assert_eq!(expected, after.len(), "neither 202 nor 401");
}

#[case]
async fn set_without_usable_keys_withdraws_the_old_ones() {
    for set in [json!({ "keys": [] }), json!({ "keys": [null, {}, 1] })] {
        let key = new_key();
        let published = Reply::keys(&set_of([&key])).max_age(1);
        let scene = Scene::start(published.clone()).await;
        let seen_before = token_of(&key);
        scene.post(&seen_before).await.expect(202);
        scene.server.set_reply(Reply::keys(&set).max_age(1));
        sleep(SHORTEST_LIFETIME + SLACK).await;
        scene.post(&seen_before).await.expect(401).problem();
        scene.post(&token_of(&key)).await.expect(401).problem();
        assert!(scene.host.log().contains("withdrawn"), "{set}");

        scene.server.set_reply(published);
        sleep(SHORTEST_LIFETIME + SLACK).await;
        scene.post(&seen_before).await.expect(202);
    }
}
