//! When a set is fetched, and that it seldom is.

use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::json;
use test_issuer::{Claims, server::Answer};
use tokio::time::sleep;

use super::{
    ISSUER, SHORTEST_LIFETIME, SLACK, Scene, issuers_at, new_key, publish, set_of, token_of,
};
use crate::support::{
    Host,
    host::setup,
    order::{ORDER_EMAIL, order},
    post,
};

#[tokio::test]
async fn a_set_is_fetched_once_for_many_requests_and_instances() {
    let key = new_key();
    let answer = Answer::keys(&set_of([&key])).max_age(300);
    let Some(scene) = Scene::with_requests_per_instance(answer, 10).await else {
        return;
    };
    scene.post(&token_of(&key)).await.expect(202);
    join_all((0..10).map(|_| async {
        let statuses = scene.post_all((0..10).map(|_| token_of(&key))).await;
        assert_eq!(statuses, [202; 10]);
    }))
    .await;
    assert_eq!(scene.server.requests(), 1);
}

#[tokio::test]
async fn both_kinds_of_issuer_may_publish_their_keys() {
    let [bearer, platform] = [new_key(), new_key()];
    let bearer_server = publish(Answer::keys(&set_of([&bearer]))).await;
    let platform_server = publish(Answer::keys(&set_of([&platform]))).await;
    let platform_issuers = json!([{ "issuer": "nav", "jwks_uri": platform_server.url() }]);
    let variables = [
        ("bearer_issuers", &*issuers_at(&bearer_server.url())),
        ("platform_issuers", &platform_issuers.to_string()),
    ];
    let Some(host) = Host::with(&variables).await else {
        return;
    };
    let token = platform.token(&Claims::of("nav")).unwrap();
    let call = || post(ORDER_EMAIL).json(&order());
    call().platform(&token).send(&host).await.expect(202);
    let bearer = call().bearer(token_of(&bearer));
    bearer.send(&host).await.expect(202);

    // The keys of one kind are good for nothing as the other.
    let crossed = platform.token(&super::claims()).unwrap();
    call().bearer(crossed).send(&host).await.expect(401);
    assert_eq!(platform_server.requests(), 1);
}

#[tokio::test]
async fn an_instance_finds_what_another_has_fetched() {
    let key = new_key();
    let server = publish(Answer::keys(&set_of([&key])).max_age(300)).await;
    let issuers = issuers_at(&server.url());
    let folder = tempfile::tempdir().unwrap();
    let setup = setup(&[("bearer_issuers", &issuers)]).on_disk(folder.path());
    let Some(first) = Host::start(&setup).await else {
        return;
    };
    let call = || post(ORDER_EMAIL).bearer(token_of(&key)).json(&order());
    call().send(&first).await.expect(202);
    first.stop().await;

    server.now_answers(Answer::none());
    let second = Host::start(&setup).await.unwrap();
    call().send(&second).await.expect(202);
    assert_eq!(server.requests(), 1);
}

/// A set whose answer says so is used for no longer than the shortest lifetime.
#[tokio::test]
async fn what_an_answer_says_of_caches_is_honoured() {
    let key = new_key();
    let set = set_of([&key]);
    let answer = || Answer::keys(&set);
    let key = &key;
    join_all(
        [
            ("no-store", answer().cache_control("no-store"), 2),
            (
                "no-cache",
                answer().cache_control("public, No-Cache, max-age=300"),
                2,
            ),
            ("old by now", answer().max_age(300).aged(299), 2),
            (
                "old by now, and good for longer",
                answer().max_age(3600).aged(299),
                1,
            ),
            ("nothing said", answer(), 1),
        ]
        .map(|(name, answer, fetches)| async move {
            let Some(scene) = Scene::start(answer).await else {
                return;
            };
            scene.post(&token_of(key)).await.expect(202);
            sleep(SHORTEST_LIFETIME + SLACK).await;
            scene.post(&token_of(key)).await.expect(202);
            assert_eq!(scene.server.requests(), fetches, "{name}");
        }),
    )
    .await;
}

/// In the last fifth of its lifetime a set is fetched anew, and no request waits for that.
#[tokio::test]
async fn a_set_is_refreshed_behind_a_response() {
    const LIFETIME: u32 = 10;
    const AGEING: Duration = Duration::from_millis(8_500);
    const SLOW: Duration = Duration::from_secs(4);
    let key = new_key();
    let answer = Answer::keys(&set_of([&key])).max_age(LIFETIME);
    let Some(scene) = Scene::start(answer.clone()).await else {
        return;
    };
    scene.post(&token_of(&key)).await.expect(202);
    sleep(AGEING).await;
    assert_eq!(scene.server.requests(), 1, "not before it ages");

    scene.server.now_answers(answer.after(SLOW));
    let begun = Instant::now();
    scene.post(&token_of(&key)).await.expect(202);
    assert!(begun.elapsed() < SLOW, "a request waited for the refresh");
    sleep(SLOW + SLACK).await;
    assert_eq!(scene.server.requests(), 2);

    // The old set is past its lifetime by now: the one that serves is the new one.
    scene.server.now_answers(Answer::none());
    scene.post(&token_of(&key)).await.expect(202);
    assert_eq!(scene.server.requests(), 2, "{ISSUER} was asked again");
}
