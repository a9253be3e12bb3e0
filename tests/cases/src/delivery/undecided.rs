//! Failing claims: the API cannot decide races while they fail.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use serde_json::json;
use test_support::{
    Answer, ClaimFault, Host, Setup, TRIGGER_KEY, case,
    order::{
        LATER, accepted, cancel, order_due_in, order_for_later, order_id, order_with, post_order,
        processing_status, statuses, trigger,
    },
    setup,
};
use tokio::time::sleep;
use uuid::Uuid;

/// Starts a host on which claims fail, before or after their effect; returns the switch.
async fn failing(after_effect: bool) -> (Host, Arc<AtomicBool>) {
    let switch = Arc::new(AtomicBool::new(true));
    let setup = Setup {
        claim_fault: Some(ClaimFault {
            switch: Arc::clone(&switch),
            after_effect,
        }),
        ..setup(&[("trigger_key", TRIGGER_KEY)])
    };
    (Host::start(setup).await, switch)
}

#[track_caller]
fn assert_unavailable(answer: &Answer) {
    assert_eq!(answer.status.as_u16(), 503);
    assert!(answer.header("retry-after").is_some());
    answer.problem();
}

#[case]
async fn order_with_key_is_503_until_claims_work() {
    for after_effect in [false, true] {
        let (host, switch) = failing(after_effect).await;
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
        assert_unavailable(&place("first").await);
        switch.store(false, SeqCst);
        let placed = place("first").await.expect(202);
        assert_eq!(placed.header("idempotent-replayed"), None);
        place("another").await.expect(422);
        let again = place("first").await.expect(202);
        assert_eq!(order_id(&again), order_id(&placed));
        host.stop().await;
    }
}

#[case]
async fn cancellation_is_503_until_claims_work() {
    for after_effect in [false, true] {
        let (host, switch) = failing(after_effect).await;
        let id = accepted(&host, &order_for_later()).await;
        assert_unavailable(&cancel(&id).send(&host).await);
        assert_eq!(processing_status(&host, &id).await, "Registered");
        switch.store(false, SeqCst);
        let cancelled = cancel(&id).send(&host).await.expect(200).json();
        assert_eq!(cancelled["processingStatus"]["status"], "Cancelled");
        host.stop().await;
    }
}

#[case]
async fn due_order_waits_for_a_trigger_call_while_claims_fail() {
    let (host, switch) = failing(false).await;
    let id = accepted(&host, &order_due_in(3)).await;
    sleep(Duration::from_secs(9)).await;
    let run = trigger().send(&host).await.expect(200).json();
    assert_eq!(run, json!({ "due": 1, "processed": 0, "more": false }));
    assert_eq!(statuses(&host, &id).await, Vec::<String>::new());
    switch.store(false, SeqCst);
    let run = trigger().send(&host).await.expect(200).json();
    assert_eq!(run["processed"], 1, "{run}");
    assert_eq!(statuses(&host, &id).await, ["Delivered"]);
    assert!(host.log().contains("claim inconclusive"));
    host.stop().await;
}
