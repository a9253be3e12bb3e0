//! `claims/atomics`.

use std::sync::Arc;

use local_host::{Call, Fault, Hook, Phase, Provider};
use test_support::case;

use super::{
    PROVIDERS,
    cases::{self, is_inconclusive},
    probe,
};
use crate::{
    app::Claims,
    probe::{ClaimFailure::Lost, Probe},
};

async fn start(provider: Provider, hook: Option<Hook>) -> Probe {
    probe(Claims::Atomics, provider, hook).await
}

#[case]
async fn claims_are_sound_on_every_provider() {
    for provider in PROVIDERS {
        let claims = start(provider, None).await;
        cases::all(&claims).await;
        claims.stop().await;
    }
}

/// Lets the `nth` call to the host fail, before or after its effect.
fn fail(nth: u64, phase: Phase) -> Hook {
    let calls = std::sync::atomic::AtomicU64::new(0);
    Arc::new(move |moment| {
        let is_it = moment.phase == phase
            && calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == nth;
        let fault = if is_it {
            Fault::Fail("injected failure".to_owned())
        } else {
            Fault::None
        };
        Box::pin(async move { fault })
    })
}

#[case]
async fn fault_is_inconclusive_and_only_one_contender_wins() {
    for provider in PROVIDERS {
        for phase in [Phase::Before, Phase::After] {
            let mut inconclusive = 0;
            // More calls than a first claim makes.
            for nth in 0..12 {
                let claims = start(provider, Some(fail(nth, phase))).await;
                let name = format!("{provider:?}: call {nth} {phase:?}");
                let first = claims.claim("x", "a").await;
                assert_ne!(first, Err(Lost), "{name}");
                inconclusive += usize::from(is_inconclusive(&first));
                // The one fault may hit any of these calls, which then asks again.
                let ask = async |name, contender| {
                    let answer = claims.claim(name, contender).await;
                    if is_inconclusive(&answer) {
                        return claims.claim(name, contender).await;
                    }
                    answer
                };
                let ends = [ask("x", "b").await, ask("x", "a").await];
                let won = ends.iter().filter(|end| end.is_ok()).count();
                assert_eq!(won, 1, "{name}: {ends:?}");
                if first.is_ok() {
                    assert_eq!(ends[1], Ok(()), "{name}");
                }
                assert_eq!(ask("y", "b").await, Ok(()), "{name}");
                assert_eq!(ask("y", "a").await, Err(Lost), "{name}");
                claims.stop().await;
            }
            assert!(inconclusive > 0, "{provider:?} {phase:?}");
        }
    }
}

#[case]
async fn without_atomic_operations_claims_are_inconclusive() {
    let hook: Hook = Arc::new(|moment| {
        let is_atomic = matches!(moment.call, Call::Increment | Call::CasSwap);
        let fault = if is_atomic {
            Fault::Fail("injected failure".to_owned())
        } else {
            Fault::None
        };
        Box::pin(async move { fault })
    });
    let claims = start(Provider::Sqlite, Some(hook)).await;
    assert!(is_inconclusive(&claims.claim("x", "a").await));
    assert!(is_inconclusive(&claims.next("s").await));
    claims.stop().await;
}
