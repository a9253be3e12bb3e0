use futures_executor::block_on;

use super::fixture::{Fixture, addresses, run, to};
use crate::{
    delivery::{AttemptResult, InitialLease, SendFailure},
    order::{NotificationStatus as S, ProcessingStatus},
    store::{MemoryStore, Provider},
};

/// More writes than an attempt makes.
const WRITES: usize = 20;
/// The number of writes that a crash cuts.
const CUTS: usize = 3;
/// Numbers of entries after which a write is cut, the last one greater than any write has.
const ENTRIES: [usize; 4] = [0, 1, 3, 25];

/// Cuts the `nth` write of an attempt after `kept` entries, so that the attempt fails. Returns
/// whether the attempt made such a write.
fn crash(fixture: &Fixture, nth: usize, kept: usize, attempt: impl Fn() -> bool) -> bool {
    {
        let mut memory = fixture.store.state();
        memory.writes_before_cut = nth;
        memory.cut_next_write_after = Some(kept);
        // The repetition of a write fails too.
        memory.cuts = CUTS;
    }
    let failed = attempt();
    let mut memory = fixture.store.state();
    let unused = memory.cuts == CUTS;
    memory.cut_next_write_after = None;
    assert!(failed != unused, "{nth} {kept}");
    failed
}

#[test]
fn crash_of_an_attempt_at_any_write_loses_no_email() {
    for provider in [Provider::Sqlite, Provider::Redis] {
        let mut count = 0;
        for (nth, kept) in (0..WRITES).flat_map(|nth| ENTRIES.map(|kept| (nth, kept))) {
            let fixture = Fixture::on(MemoryStore::like(provider));
            let all = addresses(25);
            let all: Vec<_> = all.iter().map(String::as_str).collect();
            let order = fixture.place_to(&all);
            let transient = SendFailure::Transient("simulated".to_owned());
            fixture.fail_sends("3@example.no", [transient]);
            let crashed = crash(&fixture, nth, kept, || fixture.attempt(&order).is_err());
            count += usize::from(crashed);
            // Runs the trigger every minute, for longer than any lease or pause.
            for _ in 0..6 {
                fixture.advance(60);
                fixture.run_trigger();
            }
            let context = format!("{provider:?}: write {nth}, {kept} entries");
            assert_eq!(
                fixture.status(&order),
                ProcessingStatus::Completed,
                "{context}"
            );
            assert_eq!(
                fixture.statuses(&order),
                vec![S::Delivered; 25],
                "{context}"
            );
            for address in all {
                // At most the results of one page are lost, so an email is sent twice at most.
                let least = if address == "3@example.no" { 2 } else { 1 };
                let sent = fixture.sent_count_to(address);
                assert!((least..=least + 1).contains(&sent), "{context}: {sent}");
            }
        }
        assert!(count >= 16, "{count}");
    }
}

#[test]
fn crash_of_a_run_at_any_write_loses_no_order() {
    for (nth, kept) in (0..WRITES).flat_map(|nth| ENTRIES.map(|kept| (nth, kept))) {
        let fixture = Fixture::new();
        // Settled long ago, so that the run deletes its minute.
        let done = fixture.place_to(&["a@b.no"]);
        fixture.attempt_ok(&done);
        fixture.advance(700);
        let order = fixture.place_to(&["c@d.no"]);
        crash(&fixture, nth, kept, || {
            // The run may continue with other orders.
            drop(block_on(run(fixture.context())));
            fixture.store.state().cuts < CUTS
        });
        for _ in 0..30 {
            fixture.advance(300);
            fixture.run_trigger();
        }
        assert_eq!(fixture.statuses(&order), [S::Delivered], "{nth} {kept}");
        // A partial deletion may leave keys that no marker leads to.
        let memory = fixture.store.state();
        let longest = "eo:due:2026-06-01T12:00".len();
        let leads = |key: &&String| key.starts_with("eo:due:2026-06-01T12") && key.len() <= longest;
        let left: Vec<_> = memory.values.keys().filter(leads).collect();
        assert!(left.is_empty(), "{nth} {kept}: {left:?}");
    }
}

#[test]
fn initial_lease_excludes_other_attempts_for_ninety_seconds() {
    let fixture = Fixture::new();
    let (order, lease) = fixture.place_leased(&["a@b.no"]);
    let before = fixture.stores.orders.state(&order).unwrap();
    assert_eq!(before.last_update, order.created);
    assert_eq!(before.status, ProcessingStatus::Registered);
    // Another instance skips the order.
    let run = fixture.run_trigger();
    assert_eq!((run.processed, fixture.sent_count()), (0, 0));
    let attempt = block_on(fixture.context().attempt_leased(&order, lease));
    assert_eq!(
        attempt.unwrap(),
        AttemptResult::Settled(ProcessingStatus::Completed)
    );
    assert_eq!(fixture.statuses(&order), [S::Delivered]);

    // When the lease is over, another instance delivers the order.
    let (order, lease) = fixture.place_leased(&["c@d.no"]);
    // The clock of the first instance may be 30 seconds behind.
    fixture.advance(89);
    assert_eq!(fixture.run_trigger().processed, 0);
    fixture.advance(1);
    assert_eq!(fixture.run_trigger().processed, 1);
    assert_eq!(fixture.statuses(&order), [S::Delivered]);
    let late = block_on(fixture.context().attempt_leased(&order, lease));
    assert_eq!(
        (late.unwrap(), fixture.sent_count()),
        (AttemptResult::Skipped, 2)
    );
}

#[test]
fn order_that_is_due_soon_is_its_creators_alone() {
    let fixture = Fixture::new();
    let mut order = fixture.new_order(&to(&["a@b.no"]), "");
    order.fingerprint = None;
    order.requested_send_time = order.created.plus_seconds(3);
    let lease = InitialLease::of(&order, order.created).unwrap();
    block_on(fixture.stores.orders.insert(&order, order.created)).unwrap();
    // A run of another instance waits for the send time, and then leaves the order alone.
    assert_eq!(fixture.run_trigger().processed, 0);
    assert_eq!(fixture.sent_count(), 0);
    let first = block_on(fixture.context().attempt_leased(&order, lease));
    assert_eq!(
        first.unwrap(),
        AttemptResult::Settled(ProcessingStatus::Completed)
    );
    fixture.advance(120);
    fixture.run_trigger();
    assert_eq!(fixture.sent_count(), 1);
}

#[test]
fn entries_without_an_order_are_deleted() {
    // The write is cut after the entries that lead to the order, and so is its repetition.
    let fixture = Fixture::new();
    fixture.store.state().cut_next_write_after = Some(8);
    fixture.store.state().cuts = 2;
    let order = fixture.place_with_failed_write(&["a@b.no"]);
    assert_eq!(fixture.stores.orders.get(order.id).unwrap(), None);
    for _ in 0..20 {
        fixture.advance(60);
        assert_eq!(fixture.run_trigger().processed, 0);
    }
    let memory = fixture.store.state();
    let slots = memory
        .values
        .keys()
        .filter(|key| key.starts_with("eo:due:2026-06-01T12:00"));
    assert_eq!(slots.count(), 0);
}
