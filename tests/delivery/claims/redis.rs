//! `claims/redis`, with a real Redis server.

use local_host::{Call, Provider};
use test_hosts::reasons;
use test_support::case;

use super::{
    cases::{self, is_inconclusive},
    probe,
};
use crate::{
    app::{App, Claims},
    probe::{ClaimFailure, Probe},
    servers::Redis,
};

async fn start(redis: &Redis) -> Probe {
    let claims = Claims::Redis(Some(redis.address()));
    probe(claims, Provider::default(), None).await
}

#[case]
async fn claims_are_sound_on_redis() {
    let redis = Redis::start();
    let claims = start(&redis).await;
    cases::all(&claims).await;
    claims.stop().await;
}

#[case]
async fn claims_are_inconclusive_while_the_server_is_down() {
    let mut redis = Redis::start();
    let claims = start(&redis).await;
    assert_eq!(claims.claim("x", "a").await, Ok(()));
    redis.kill();
    assert!(is_inconclusive(&claims.claim("y", "a").await));
    assert!(is_inconclusive(&claims.next("s").await));
    redis.restart();
    // The closed connection is not used again.
    assert_eq!(claims.claim("y", "a").await, Ok(()));
    assert_eq!(claims.claim("y", "b").await, Err(ClaimFailure::Lost));
    assert_eq!(claims.next("s").await, Ok(1));
    claims.stop().await;
}

#[case]
async fn lost_answer_is_inconclusive_and_can_be_asked_again() {
    let redis = Redis::start();
    // The first call connects, the second is the command.
    for nth in [1, 2] {
        let hook = super::lose_answer(Call::OutboundRedis, nth);
        let component = Claims::Redis(Some(redis.address()));
        let claims = probe(component, Provider::default(), Some(hook)).await;
        let name = format!("lost:{nth}");
        assert!(is_inconclusive(&claims.claim(&name, "a").await), "{nth}");
        assert_eq!(claims.claim(&name, "a").await, Ok(()));
        assert_eq!(claims.claim(&name, "b").await, Err(ClaimFailure::Lost));
        claims.stop().await;
    }
}

#[case]
async fn server_that_is_not_allowed_or_not_named_is_inconclusive() {
    let redis = Redis::start();
    for (allowed, address) in [
        (vec![], Some(redis.address())),
        (
            vec!["redis://127.0.0.1:1".to_owned()],
            Some(redis.address()),
        ),
        (vec![redis.address()], Some(String::new())),
        (vec![redis.address()], None),
    ] {
        let app = App {
            claims: Claims::Redis(address.clone()),
            allowed_outbound_hosts: Some(allowed),
            ..App::default()
        };
        let claims = app.serve_probe_locally(reasons::PROVIDERS, |_| {}).await;
        let end = claims.claim("x", "a").await;
        assert!(is_inconclusive(&end), "{address:?}: {end:?}");
        claims.stop().await;
    }
}
