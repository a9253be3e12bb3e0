//! An issuer changes its keys under load: no good token is refused, and a withdrawn key is good
//! for nothing soon after.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    time::{Duration, Instant},
};

use futures::future::join_all;
use serde_json::json;
use test_issuer::{SigningKey, server::Answer};
use tokio::{join, time::sleep};

use super::{SHORTEST_LIFETIME, SLACK, Scene, new_key, post_with, set_of, token_of};
use crate::support::call::Connection;

const CLIENTS: usize = 8;
const BETWEEN_CHANGES: Duration = Duration::from_secs(4);

/// Tokens of one key, sent all the time.
struct Stream<'a> {
    scene: &'a Scene,
    key: &'a SigningKey,
    stop: &'a AtomicBool,
    sent: AtomicUsize,
}

impl Stream<'_> {
    /// Sends until told to stop, half of the tokens for the first time; returns each answer's
    /// status with the time at which its request was sent.
    async fn run(&self) -> Vec<(Instant, u16)> {
        let mut connection = Connection::open(&self.scene.host).await;
        let mut answers = Vec::new();
        let mut token = token_of(self.key);
        while !self.stop.load(SeqCst) {
            if self.sent.fetch_add(1, SeqCst).is_multiple_of(2) {
                token = token_of(self.key);
            }
            let begun = Instant::now();
            let answer = connection.send(post_with(&token)).await;
            answers.push((begun, answer.status.as_u16()));
        }
        answers
    }

    async fn run_clients(&self) -> Vec<(Instant, u16)> {
        join_all((0..CLIENTS).map(|_| self.run())).await.concat()
    }
}

#[tokio::test]
async fn keys_change_under_load() {
    let [old, new] = [new_key(), new_key()];
    let publish = |keys: &[&SigningKey]| Answer::keys(&set_of(keys.iter().copied())).max_age(1);
    let Some(scene) = Scene::start(publish(&[&old])).await else {
        return;
    };
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
        scene.server.now_answers(publish(&[&old, &new]));
        let published = Instant::now();
        sleep(BETWEEN_CHANGES).await;
        let withdrawn = Instant::now();
        scene.server.now_answers(publish(&[&new]));
        sleep(2 * SHORTEST_LIFETIME).await;
        stop_old.store(true, SeqCst);
        stop_new.store(true, SeqCst);
        (published, withdrawn)
    };
    let from_publication = async {
        // A moment later than it is published: what is asked for before is not there yet.
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
    // In between the key is good in one instance and not in another; it is never an outage.
    let ceiling = withdrawn + SHORTEST_LIFETIME + SLACK;
    let late: Vec<_> = after
        .iter()
        .copied()
        .filter(|(begun, _)| *begun > ceiling)
        .collect();
    assert!(!late.is_empty() && !before.is_empty() && !new_answers.is_empty());
    assert_eq!(of_status(&late, 401), late.len(), "withdrawn");
    let settled = of_status(&after, 202) + of_status(&after, 401);
    assert_eq!(settled, after.len(), "neither accepted nor refused");
}

/// An answer that is a set withdraws the old keys, whatever is in it. Only a failure keeps them.
#[tokio::test]
async fn a_set_without_a_usable_key_withdraws_all() {
    for set in [json!({ "keys": [] }), json!({ "keys": [null, {}, 1] })] {
        let key = new_key();
        let good = Answer::keys(&set_of([&key])).max_age(1);
        let Some(scene) = Scene::start(good.clone()).await else {
            return;
        };
        let seen_before = token_of(&key);
        scene.post(&seen_before).await.expect(202);
        scene.server.now_answers(Answer::keys(&set).max_age(1));
        sleep(SHORTEST_LIFETIME + SLACK).await;
        scene.post(&seen_before).await.expect(401).problem();
        scene.post(&token_of(&key)).await.expect(401).problem();
        assert!(scene.host.log().contains("withdrawn"), "{set}");

        scene.server.now_answers(good);
        sleep(SHORTEST_LIFETIME + SLACK).await;
        scene.post(&seen_before).await.expect(202);
    }
}
