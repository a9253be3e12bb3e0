//! Races that cannot be decided, because what decides them does not answer.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use local_host::{Call as HostCall, Fault, Hook, Phase};
use serde_json::json;
use tokio::time::sleep;
use uuid::Uuid;

use super::{KEY, get_status, in_seconds, order_at, statuses, trigger};
use crate::support::{
    Answer, Call, Host,
    host::{FAULTS, setup},
    order::{LATER, accepted, order_id, order_with, post_order},
    tokens,
};

/// Lets the atomic operations fail while the switch is on, at a moment in each.
fn outage(switch: &Arc<AtomicBool>, phase: Phase) -> Hook {
    let switch = Arc::clone(switch);
    Arc::new(move |moment| {
        let is_atomic = matches!(moment.call, HostCall::Increment | HostCall::CasSwap);
        let fault = if is_atomic && moment.phase == phase && switch.load(Relaxed) {
            Fault::Fail("injected failure".to_owned())
        } else {
            Fault::None
        };
        Box::pin(async move { fault })
    })
}

async fn host(switch: &Arc<AtomicBool>, phase: Phase) -> Option<Host> {
    Host::local(FAULTS, setup(&[("trigger_key", KEY)]), |options| {
        options.hook = Some(outage(switch, phase));
    })
    .await
}

fn expect_later(answer: &Answer) {
    assert_eq!(answer.status.as_u16(), 503);
    assert!(answer.header("retry-after").is_some());
    answer.problem();
}

#[tokio::test]
async fn an_order_with_a_key_gets_503_and_is_accepted_once_a_race_can_be_decided() {
    for phase in [Phase::Before, Phase::After] {
        let switch = Arc::new(AtomicBool::new(true));
        let Some(host) = host(&switch, phase).await else {
            return;
        };
        let key = Uuid::new_v4().to_string();
        let place = |subject| {
            let order = order_with(json!({
                "sendersReference": "undecided",
                "subject": subject,
                "requestedSendTime": LATER,
            }));
            let call = post_order(&order).header("Idempotency-Key", key.clone());
            let host = &host;
            async move { call.send(host).await }
        };
        expect_later(&place("first").await);
        switch.store(false, Relaxed);
        let placed = place("first").await.expect(202);
        assert_eq!(placed.header("idempotent-replayed"), None);
        place("another").await.expect(422);
        let again = place("first").await.expect(202);
        assert_eq!(order_id(&again), order_id(&placed));
        host.stop().await;
    }
}

#[tokio::test]
async fn a_cancellation_gets_503_and_is_made_once_a_race_can_be_decided() {
    for phase in [Phase::Before, Phase::After] {
        let switch = Arc::new(AtomicBool::new(true));
        let Some(host) = host(&switch, phase).await else {
            return;
        };
        let id = accepted(&host, &order_with(json!({ "requestedSendTime": LATER }))).await;
        let cancel = || Call::new("PUT", format!("/order/{id}/cancel")).bearer(tokens::bearer());
        expect_later(&cancel().send(&host).await);
        let status = get_status(&id).send(&host).await.expect(200).json();
        assert_eq!(status["processingStatus"]["status"], "Registered");
        switch.store(false, Relaxed);
        let cancelled = cancel().send(&host).await.expect(200).json();
        assert_eq!(cancelled["processingStatus"]["status"], "Cancelled");
        host.stop().await;
    }
}

#[tokio::test]
async fn an_attempt_is_left_for_a_later_call_of_the_trigger() {
    let switch = Arc::new(AtomicBool::new(true));
    let Some(host) = host(&switch, Phase::Before).await else {
        return;
    };
    // Orders are due a minute ahead of their time.
    let id = accepted(&host, &order_at(&in_seconds(63))).await;
    sleep(Duration::from_secs(4)).await;
    let run = trigger().send(&host).await.expect(200).json();
    assert_eq!(run, json!({ "due": 1, "processed": 0, "more": false }));
    assert_eq!(statuses(&host, &id).await, Vec::<String>::new());
    switch.store(false, Relaxed);
    let run = trigger().send(&host).await.expect(200).json();
    assert_eq!(run["processed"], 1, "{run}");
    assert_eq!(statuses(&host, &id).await, ["Delivered"]);
    assert!(host.log().contains("claim inconclusive"));
    host.stop().await;
}
