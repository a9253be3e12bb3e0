//! When a set is fetched.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use test_support::{
    Host, Reply, case, empty_state,
    key_server::KeyServer,
    order::{ORDER_EMAIL, order},
    post, setup,
    tokens::claims_by,
};
use tokio::time::{Instant, sleep};

use super::{ISSUER, SHORTEST_LIFETIME, SLACK, Scene, issuers_at, new_key, set_of, token_of};

#[case]
async fn set_is_fetched_once_for_many_instances() {
    let key = new_key();
    let answer = Reply::keys(&set_of([&key])).max_age(300);
    let scene = Scene::with_requests_per_instance(answer, 10).await;
    scene.post(&token_of(&key)).await.expect(202);
    join_all((0..10).map(|_| async {
        let statuses = scene.post_all((0..10).map(|_| token_of(&key))).await;
        assert_eq!(statuses, [202; 10]);
    }))
    .await;
    assert_eq!(scene.server.requests(), 1);
}

#[case]
async fn both_kinds_of_issuers_fetch_their_own_keys() {
    let [bearer, platform] = [new_key(), new_key()];
    let bearer_server = KeyServer::start(Reply::keys(&set_of([&bearer]))).await;
    let platform_server = KeyServer::start(Reply::keys(&set_of([&platform]))).await;
    let platform_issuers = json!([{ "issuer": "nav", "jwks_uri": platform_server.url() }]);
    let variables = [
        ("bearer_issuers", &*issuers_at(&bearer_server.url())),
        ("platform_issuers", &platform_issuers.to_string()),
    ];
    let host = Host::with(&variables).await;
    let token = platform.token(&claims_by("nav")).unwrap();
    let call = || post(ORDER_EMAIL).json(&order());
    call().platform(&token).send(&host).await.expect(202);
    let bearer = call().bearer(token_of(&bearer));
    bearer.send(&host).await.expect(202);

    // The keys of one kind do not verify tokens of the other.
    let crossed = platform.token(&super::claims()).unwrap();
    call().bearer(crossed).send(&host).await.expect(401);
    assert_eq!(platform_server.requests(), 1);
}

#[case]
async fn stored_set_serves_another_host() {
    let key = new_key();
    let server = KeyServer::start(Reply::keys(&set_of([&key])).max_age(300)).await;
    let issuers = issuers_at(&server.url());
    let setup = setup(&[("bearer_issuers", &issuers)]).on(&empty_state());
    let first = Host::start(setup.clone()).await;
    let call = || post(ORDER_EMAIL).bearer(token_of(&key)).json(&order());
    call().send(&first).await.expect(202);
    first.stop().await;

    server.set_reply(Reply::none());
    let second = Host::start(setup).await;
    call().send(&second).await.expect(202);
    assert_eq!(server.requests(), 1);
}

#[case]
async fn cache_control_and_age_shorten_the_lifetime() {
    let key = new_key();
    let set = set_of([&key]);
    let answer = || Reply::keys(&set);
    let key = &key;
    join_all(
        [
            ("no-store", answer().cache_control("no-store"), 2),
            (
                "no-cache",
                answer().cache_control("public, No-Cache, max-age=300"),
                2,
            ),
            ("old", answer().max_age(300).aged(299), 2),
            (
                "old, with a longer lifetime",
                answer().max_age(3600).aged(299),
                1,
            ),
            ("nothing said", answer(), 1),
        ]
        .map(|(name, answer, fetches)| async move {
            let scene = Scene::start(answer).await;
            scene.post(&token_of(key)).await.expect(202);
            sleep(SHORTEST_LIFETIME + SLACK).await;
            scene.post(&token_of(key)).await.expect(202);
            assert_eq!(scene.server.requests(), fetches, "{name}");
        }),
    )
    .await;
}

/// In the last fifth of its lifetime a set is fetched again, and no request waits for that.
#[case]
async fn ageing_set_is_refreshed_in_the_background() {
    const LIFETIME: u32 = 10;
    const AGEING: Duration = Duration::from_millis(8_500);
    const SLOW: Duration = Duration::from_secs(4);
    let key = new_key();
    let answer = Reply::keys(&set_of([&key])).max_age(LIFETIME);
    let scene = Scene::start(answer.clone()).await;
    scene.post(&token_of(&key)).await.expect(202);
    sleep(AGEING).await;
    assert_eq!(scene.server.requests(), 1, "before it ages");

    scene.server.set_reply(answer.after(SLOW));
    let begun = Instant::now();
    scene.post(&token_of(&key)).await.expect(202);
    assert!(begun.elapsed() < SLOW, "a request waited for the refresh");
    sleep(SLOW + SLACK).await;
    assert_eq!(scene.server.requests(), 2);

    // The old set has expired: the new one serves.
    scene.server.set_reply(Reply::none());
    scene.post(&token_of(&key)).await.expect(202);
    assert_eq!(scene.server.requests(), 2, "{ISSUER} was asked again");
}
