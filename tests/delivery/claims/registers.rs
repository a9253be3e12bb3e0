//! `claims/registers`. The local host's stores show every write at once, so it decides every race here.

use local_host::{Call, Provider, faults};
use test_support::case;

use super::{
    PROVIDERS,
    cases::{self, is_inconclusive},
    probe,
};
use crate::app::Claims;

#[case]
async fn claims_are_sound_where_writes_are_visible_at_once() {
    for provider in PROVIDERS {
        let claims = probe(Claims::Registers, provider, None).await;
        cases::all_claims(&claims).await;
        assert!(is_inconclusive(&claims.next("s").await), "{provider:?}");
        claims.stop().await;
    }
}

#[case]
async fn fault_is_inconclusive() {
    for call in [Call::Open, Call::Get, Call::Set] {
        let hook = faults::fail_every(call, 1);
        let claims = probe(Claims::Registers, Provider::default(), Some(hook)).await;
        assert!(is_inconclusive(&claims.claim("x", "a").await), "{call:?}");
        assert!(is_inconclusive(&claims.next("s").await), "{call:?}");
        claims.stop().await;
    }
}
