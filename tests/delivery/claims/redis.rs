//! `claims/redis`, with a real Redis server.

use local_host::Call;

use super::cases::{self, is_inconclusive};
use crate::support::{ClaimFailure, Claims, Redis, Setup};

async fn start(redis: &Redis) -> Claims {
    Setup {
        component: "claims_redis",
        redis: Some(redis.address()),
        allowed_outbound_hosts: vec![redis.address()],
        ..Setup::default()
    }
    .start()
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_server_decides_races() {
    let Some(redis) = Redis::start() else { return };
    let claims = start(&redis).await;
    cases::all(&claims).await;
    claims.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_gone_is_inconclusive_and_works_once_it_is_back() {
    let Some(mut redis) = Redis::start() else {
        return;
    };
    let claims = start(&redis).await;
    assert_eq!(claims.claim("x", "a").await, Ok(()));
    redis.kill();
    assert!(is_inconclusive(&claims.claim("y", "a").await));
    assert!(is_inconclusive(&claims.next("s").await));
    redis.restart();
    // The connection of before is closed, and is not used any more.
    assert_eq!(claims.claim("y", "a").await, Ok(()));
    assert_eq!(claims.claim("y", "b").await, Err(ClaimFailure::Lost));
    assert_eq!(claims.next("s").await, Ok(1));
    claims.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_is_asked_for_again() {
    let Some(redis) = Redis::start() else { return };
    // The second call of each is the command, after the connection.
    for nth in [1, 2] {
        let claims = Setup {
            component: "claims_redis",
            redis: Some(redis.address()),
            allowed_outbound_hosts: vec![redis.address()],
            hook: Some(super::lose_answer(Call::OutboundRedis, nth)),
            ..Setup::default()
        };
        let claims = claims.start().await;
        let name = format!("lost:{nth}");
        assert!(is_inconclusive(&claims.claim(&name, "a").await), "{nth}");
        assert_eq!(claims.claim(&name, "a").await, Ok(()));
        assert_eq!(claims.claim(&name, "b").await, Err(ClaimFailure::Lost));
        claims.stop().await;
    }
}

#[tokio::test]
async fn a_server_that_is_not_allowed_or_not_named_is_inconclusive() {
    let Some(redis) = Redis::start() else { return };
    for (allowed, address) in [
        (vec![], Some(redis.address())),
        (
            vec!["redis://127.0.0.1:1".to_owned()],
            Some(redis.address()),
        ),
        (vec![redis.address()], Some(String::new())),
        (vec![redis.address()], None),
    ] {
        let claims = Setup {
            component: "claims_redis",
            redis: address.clone(),
            allowed_outbound_hosts: allowed,
            ..Setup::default()
        };
        let claims = claims.start().await;
        let end = claims.claim("x", "a").await;
        assert!(is_inconclusive(&end), "{address:?}: {end:?}");
        claims.stop().await;
    }
}
