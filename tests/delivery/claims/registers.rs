//! `claims/registers`. The local host's stores show every write at once, so that it decides every
//! race here.

use local_host::{Call, Provider, faults};

use super::{
    PROVIDERS,
    cases::{self, is_inconclusive},
};
use crate::support::{Claims, Setup};

async fn start(provider: Provider) -> Claims {
    Setup {
        component: "claims_registers",
        provider,
        ..Setup::default()
    }
    .start()
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn it_decides_as_the_others_do_where_writes_are_seen_at_once() {
    for provider in PROVIDERS {
        let claims = start(provider).await;
        cases::all(&claims).await;
        claims.stop().await;
    }
}

#[tokio::test]
async fn a_fault_is_inconclusive() {
    for call in [Call::Open, Call::Get, Call::Set] {
        let claims = Setup {
            component: "claims_registers",
            hook: Some(faults::fail_every(call, 1)),
            ..Setup::default()
        };
        let claims = claims.start().await;
        assert!(is_inconclusive(&claims.claim("x", "a").await), "{call:?}");
        assert!(is_inconclusive(&claims.next("s").await), "{call:?}");
        claims.stop().await;
    }
}
