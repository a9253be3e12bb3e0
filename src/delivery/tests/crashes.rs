use futures_executor::block_on;

use super::fake_ports::{Stage, addresses, run, to};
use crate::{
    delivery::{AttemptResult, InitialLease, SendFailure},
    order::{NotificationStatus as S, ProcessingStatus},
    store::{MemoryStore, Provider},
};

/// More writes than an order of the tests takes, and more entries than a write has.
const WRITES: usize = 20;
const ENTRIES: [usize; 4] = [0, 1, 3, 25];

/// Lets the `nth` write of an attempt keep only some of its entries, and the attempt end there;
/// whether there was such a write.
fn crash(stage: &Stage, nth: usize, kept: usize, attempt: impl Fn() -> bool) -> bool {
    {
        let mut memory = stage.store.state();
        memory.writes_before_cut = nth;
        memory.cut_next_write_after = Some(kept);
    }
    let failed = attempt();
    let unused = stage.store.state().cut_next_write_after.take().is_some();
    assert!(failed != unused, "{nth} {kept}");
    failed
}

#[test]
fn a_crash_at_any_write_loses_nothing() {
    for provider in [Provider::Sqlite, Provider::Redis] {
        let mut count = 0;
        for (nth, kept) in (0..WRITES).flat_map(|nth| ENTRIES.map(|kept| (nth, kept))) {
            let stage = Stage::on(MemoryStore::like(provider));
            let all = addresses(25);
            let all: Vec<_> = all.iter().map(String::as_str).collect();
            let order = stage.place_to(&all);
            let transient = SendFailure::Transient("simulated".to_owned());
            stage.fail("3@example.no", [transient]);
            let crashed = crash(&stage, nth, kept, || stage.attempt(&order).is_err());
            count += usize::from(crashed);
            // A trigger every minute, for longer than any lease or pause here.
            for _ in 0..6 {
                stage.pass(60);
                stage.run();
            }
            let context = format!("{provider:?}: write {nth}, {kept} entries");
            assert_eq!(
                stage.status(&order),
                ProcessingStatus::Completed,
                "{context}"
            );
            assert_eq!(stage.statuses(&order), vec![S::Delivered; 25], "{context}");
            for address in all {
                // A page's results are lost at the most, so that it is sent once more.
                let least = if address == "3@example.no" { 2 } else { 1 };
                let sent = stage.sent_to(address);
                assert!((least..=least + 1).contains(&sent), "{context}: {sent}");
            }
        }
        assert!(count >= 16, "{count}");
    }
}

#[test]
fn a_crash_of_the_trigger_at_any_write_hides_nothing() {
    for (nth, kept) in (0..WRITES).flat_map(|nth| ENTRIES.map(|kept| (nth, kept))) {
        let stage = Stage::new();
        // Long done, so that the trigger deletes it.
        let done = stage.place_to(&["a@b.no"]);
        stage.attempted(&done);
        stage.pass(700);
        let order = stage.place_to(&["c@d.no"]);
        crash(&stage, nth, kept, || {
            // It may go on with other orders.
            drop(block_on(run(stage.context())));
            stage.store.state().cut_next_write_after.is_none()
        });
        for _ in 0..30 {
            stage.pass(300);
            stage.run();
        }
        assert_eq!(stage.statuses(&order), [S::Delivered], "{nth} {kept}");
        // Of what was deleted in part, what leads nowhere may be left.
        let memory = stage.store.state();
        let longest = "eo:due:2026-06-01T12:00".len();
        let leads = |key: &&String| key.starts_with("eo:due:2026-06-01T12") && key.len() <= longest;
        let left: Vec<_> = memory.values.keys().filter(leads).collect();
        assert!(left.is_empty(), "{nth} {kept}: {left:?}");
    }
}

#[test]
fn an_order_is_its_instances_own_for_a_minute() {
    let stage = Stage::new();
    let (order, lease) = stage.place_reserved(&["a@b.no"]);
    let before = stage.stores.orders.state(&order).unwrap();
    assert_eq!(before.last_update, order.created);
    assert_eq!(before.status, ProcessingStatus::Registered);
    // Another instance leaves it alone.
    let run = stage.run();
    assert_eq!((run.processed, stage.sent()), (0, 0));
    let attempt = block_on(stage.context().attempt_leased(&order, lease));
    assert_eq!(
        attempt.unwrap(),
        AttemptResult::Settled(ProcessingStatus::Completed)
    );
    assert_eq!(stage.statuses(&order), [S::Delivered]);

    // An instance that is gone has it no longer.
    let (order, lease) = stage.place_reserved(&["c@d.no"]);
    stage.pass(61);
    assert_eq!(stage.run().processed, 1);
    assert_eq!(stage.statuses(&order), [S::Delivered]);
    let late = block_on(stage.context().attempt_leased(&order, lease));
    assert_eq!((late.unwrap(), stage.sent()), (AttemptResult::Skipped, 2));
}

#[test]
fn what_a_cut_write_leaves_of_a_reserved_order_is_cleared() {
    // Markers, the slot and the state are written, and the order is not.
    let stage = Stage::new();
    stage.store.state().cut_next_write_after = Some(12);
    let order = stage.new_order(&to(&["a@b.no"]), "");
    let lease = InitialLease::of(&order, order.created).unwrap();
    let insert = stage
        .stores
        .orders
        .insert_with(&order, lease.state(), order.created);
    block_on(insert).unwrap_err();
    assert_eq!(stage.stores.orders.get(order.id).unwrap(), None);
    for _ in 0..20 {
        stage.pass(60);
        assert_eq!(stage.run().processed, 0);
    }
    let memory = stage.store.state();
    let slots = memory
        .values
        .keys()
        .filter(|key| key.starts_with("eo:due:2026-06-01T12:00"));
    assert_eq!(slots.count(), 0);
}
