use futures_executor::block_on;
use futures_util::future::join;

use super::fixture::{Fixture, addresses, run};
use crate::{
    delivery::{AttemptResult, DeliveryContext},
    order::{NotificationStatus as S, OrderState, ProcessingStatus},
    store::{Claimed, MemoryStore, Provider},
};

fn on_each_provider(test: impl Fn(Fixture)) {
    for provider in [Provider::Sqlite, Provider::Redis] {
        test(Fixture::on(MemoryStore::like(provider)));
    }
}

#[test]
fn concurrent_attempts_send_once() {
    on_each_provider(|fixture| {
        let order = fixture.place_to(&["a@b.no"]);
        let stores = fixture.other_instance();
        let other = DeliveryContext {
            stores: &stores,
            ..fixture.context()
        };
        let outcomes = block_on(join(
            fixture.context().attempt(&order),
            other.attempt(&order),
        ));
        let completed = AttemptResult::Settled(ProcessingStatus::Completed);
        assert_eq!(outcomes.0.unwrap(), completed);
        assert_eq!(outcomes.1.unwrap(), AttemptResult::Skipped);
        assert_eq!(fixture.sent_count(), 1);
    });
}

#[test]
fn concurrent_runs_send_each_order_once() {
    on_each_provider(|fixture| {
        let placed: Vec<_> = (0..100)
            .map(|n| fixture.place_to(&[&format!("{n}@example.no")]))
            .collect();
        let stores = fixture.other_instance();
        let other = DeliveryContext {
            stores: &stores,
            ..fixture.context()
        };
        let runs = block_on(join(run(fixture.context()), run(other)));
        let processed = runs.0.unwrap().processed + runs.1.unwrap().processed;
        assert_eq!(processed, 100);
        assert_eq!(fixture.sent_count(), 100);
        for order in placed {
            assert_eq!(fixture.statuses(&order), [S::Delivered]);
        }
    });
}

#[test]
fn attempt_after_a_cancellation_claim_is_skipped() {
    on_each_provider(|fixture| {
        let order = fixture.place_to(&["a@b.no"]);
        let now = order.created;
        let claim = || {
            let claimed = fixture
                .stores
                .leases
                .claim_cancelling(&fixture.ports, order.id, || now);
            block_on(claimed).unwrap()
        };
        assert_eq!(claim(), Claimed::Won);
        // The state is not stored yet.
        assert_eq!(fixture.attempt_ok(&order), AttemptResult::Skipped);
        let cancelled = OrderState::cancelled(now);
        block_on(fixture.stores.orders.set_state(order.id, &cancelled)).unwrap();
        fixture.advance(1000);
        assert_eq!(fixture.attempt_ok(&order), AttemptResult::Skipped);
        assert_eq!(fixture.status(&order), ProcessingStatus::Cancelled);
        assert_eq!(fixture.sent_count(), 0);
    });
}

#[test]
fn cancellation_claim_after_an_attempt_is_lost() {
    on_each_provider(|fixture| {
        let order = fixture.place_to(&["a@b.no"]);
        let cancel = async {
            // The attempt is polled first, so it claims first.
            let clock = || order.created;
            let stores = &fixture.stores;
            stores
                .leases
                .claim_cancelling(&fixture.ports, order.id, clock)
                .await
        };
        let (outcome, claimed) = block_on(join(fixture.context().attempt(&order), cancel));
        assert!(matches!(outcome.unwrap(), AttemptResult::Settled(_)));
        assert_eq!(claimed.unwrap(), Claimed::Lost);
    });
}

#[test]
fn attempt_with_an_inconclusive_claim_is_skipped_and_retried() {
    let fixture = Fixture::new();
    let order = fixture.place_to(&["a@b.no"]);
    fixture.store.state().claims_fail = true;
    assert_eq!(fixture.attempt_ok(&order), AttemptResult::Skipped);
    let run = fixture.run_trigger();
    assert_eq!((run.due, run.processed, run.more), (1, 0, false));
    assert_eq!(fixture.status(&order), ProcessingStatus::Registered);
    fixture.store.state().claims_fail = false;
    assert_eq!(fixture.run_trigger().processed, 1);
    assert_eq!(fixture.statuses(&order), [S::Delivered]);
    assert_eq!(fixture.sent_count(), 1);
}

#[test]
fn attempt_whose_claim_takes_the_whole_lease_is_skipped() {
    let fixture = Fixture::new();
    let order = fixture.place_to(&["a@b.no"]);
    *fixture.ports.claim_seconds.lock().unwrap() = 55;
    assert_eq!(fixture.attempt_ok(&order), AttemptResult::Skipped);
    assert_eq!(fixture.sent_count(), 0);
    *fixture.ports.claim_seconds.lock().unwrap() = 1;
    // The next attempt loses the claim. One after the end of the lease, by any clock, wins.
    assert_eq!(fixture.attempt_ok(&order), AttemptResult::Skipped);
    fixture.advance(91);
    assert!(matches!(
        fixture.attempt_ok(&order),
        AttemptResult::Settled(_)
    ));
    assert_eq!(fixture.statuses(&order), [S::Delivered]);
}

#[test]
fn attempt_that_overruns_its_lease_writes_nothing() {
    let fixture = Fixture::new();
    let order = fixture.place_to(&["a@b.no"]);
    *fixture.ports.send_seconds.lock().unwrap() = 121;
    assert_eq!(fixture.attempt_ok(&order), AttemptResult::Skipped);
    assert_eq!(fixture.statuses(&order), [S::Sending]);
    *fixture.ports.send_seconds.lock().unwrap() = 1;
    // The clock of the host that had the lease may be behind.
    fixture.advance(28);
    assert_eq!(fixture.attempt_ok(&order), AttemptResult::Skipped);
    assert_eq!(fixture.sent_count(), 1);
    fixture.advance(1);
    assert!(matches!(
        fixture.attempt_ok(&order),
        AttemptResult::Settled(_)
    ));
    assert_eq!(fixture.statuses(&order), [S::Delivered]);
}

#[test]
fn lease_is_renewed_while_emails_are_sent() {
    let fixture = Fixture::new();
    let all = addresses(20);
    let all: Vec<_> = all.iter().map(String::as_str).collect();
    let order = fixture.place_to(&all);
    // All of them take longer than one lease.
    *fixture.ports.send_seconds.lock().unwrap() = 30;
    assert!(matches!(
        fixture.attempt_ok(&order),
        AttemptResult::Settled(_)
    ));
    assert_eq!(fixture.statuses(&order), vec![S::Delivered; 20]);
    assert_eq!(fixture.sent_count(), 20);
}
