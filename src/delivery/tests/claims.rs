use futures_executor::block_on;
use futures_util::future::join;

use super::fake_ports::{Stage, run};
use crate::{
    delivery::{AttemptResult, DeliveryContext},
    order::{NotificationStatus as S, OrderState, ProcessingStatus},
    store::{Claimed, MemoryStore, Provider},
};

fn on_each_provider(test: impl Fn(Stage)) {
    for provider in [Provider::Sqlite, Provider::Redis] {
        test(Stage::on(MemoryStore::like(provider)));
    }
}

#[test]
fn of_two_who_begin_at_once_one_does() {
    on_each_provider(|stage| {
        let order = stage.place_to(&["a@b.no"]);
        let stores = stage.other_instance();
        let other = DeliveryContext {
            stores: &stores,
            ..stage.context()
        };
        let outcomes = block_on(join(stage.context().attempt(&order), other.attempt(&order)));
        let completed = AttemptResult::Settled(ProcessingStatus::Completed);
        assert_eq!(outcomes.0.unwrap(), completed);
        assert_eq!(outcomes.1.unwrap(), AttemptResult::Skipped);
        assert_eq!(stage.sent(), 1);
    });
}

#[test]
fn two_triggers_at_once_send_everything_once() {
    on_each_provider(|stage| {
        let placed: Vec<_> = (0..100)
            .map(|n| stage.place_to(&[&format!("{n}@example.no")]))
            .collect();
        let stores = stage.other_instance();
        let other = DeliveryContext {
            stores: &stores,
            ..stage.context()
        };
        let runs = block_on(join(run(stage.context()), run(other)));
        let processed = runs.0.unwrap().processed + runs.1.unwrap().processed;
        assert_eq!(processed, 100);
        assert_eq!(stage.sent(), 100);
        for order in placed {
            assert_eq!(stage.statuses(&order), [S::Delivered]);
        }
    });
}

#[test]
fn who_cancels_first_wins() {
    on_each_provider(|stage| {
        let order = stage.place_to(&["a@b.no"]);
        let now = order.created;
        let claim = || {
            let claimed = stage
                .stores
                .leases
                .claim_cancelling(&stage.ports, order.id, || now);
            block_on(claimed).unwrap()
        };
        assert_eq!(claim(), Claimed::Won);
        // Between the claim and what is written then.
        assert_eq!(stage.attempted(&order), AttemptResult::Skipped);
        let cancelled = OrderState::cancelled(now);
        block_on(stage.stores.orders.set_state(order.id, &cancelled)).unwrap();
        stage.pass(1000);
        assert_eq!(stage.attempted(&order), AttemptResult::Skipped);
        assert_eq!(stage.status(&order), ProcessingStatus::Cancelled);
        assert_eq!(stage.sent(), 0);
    });
}

#[test]
fn who_begins_first_cannot_be_cancelled() {
    on_each_provider(|stage| {
        let order = stage.place_to(&["a@b.no"]);
        let cancel = async {
            // The attempt has asked first.
            let clock = || order.created;
            let stores = &stage.stores;
            stores
                .leases
                .claim_cancelling(&stage.ports, order.id, clock)
                .await
        };
        let (outcome, claimed) = block_on(join(stage.context().attempt(&order), cancel));
        assert!(matches!(outcome.unwrap(), AttemptResult::Settled(_)));
        assert_eq!(claimed.unwrap(), Claimed::Lost);
    });
}

#[test]
fn an_inconclusive_claim_leaves_the_order_for_later() {
    let stage = Stage::new();
    let order = stage.place_to(&["a@b.no"]);
    stage.store.state().claims_fail = true;
    assert_eq!(stage.attempted(&order), AttemptResult::Skipped);
    let run = stage.run();
    assert_eq!((run.due, run.processed, run.more), (1, 0, false));
    assert_eq!(stage.status(&order), ProcessingStatus::Registered);
    stage.store.state().claims_fail = false;
    assert_eq!(stage.run().processed, 1);
    assert_eq!(stage.statuses(&order), [S::Delivered]);
    assert_eq!(stage.sent(), 1);
}

#[test]
fn a_claim_that_takes_its_whole_lease_is_given_up() {
    let stage = Stage::new();
    let order = stage.place_to(&["a@b.no"]);
    *stage.ports.claim_seconds.lock().unwrap() = 55;
    assert_eq!(stage.attempted(&order), AttemptResult::Skipped);
    assert_eq!(stage.sent(), 0);
    *stage.ports.claim_seconds.lock().unwrap() = 1;
    // Another attempt loses, and the one after the lease wins.
    assert_eq!(stage.attempted(&order), AttemptResult::Skipped);
    stage.pass(61);
    assert!(matches!(stage.attempted(&order), AttemptResult::Settled(_)));
    assert_eq!(stage.statuses(&order), [S::Delivered]);
}

#[test]
fn who_overruns_the_lease_writes_nothing_more() {
    let stage = Stage::new();
    let order = stage.place_to(&["a@b.no"]);
    *stage.ports.send_seconds.lock().unwrap() = 121;
    assert_eq!(stage.attempted(&order), AttemptResult::Skipped);
    assert_eq!(stage.statuses(&order), [S::Sending]);
    *stage.ports.send_seconds.lock().unwrap() = 1;
    assert!(matches!(stage.attempted(&order), AttemptResult::Settled(_)));
    assert_eq!(stage.statuses(&order), [S::Delivered]);
}
