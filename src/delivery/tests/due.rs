use std::cell::Cell;

use futures_executor::block_on;
use futures_util::{
    StreamExt as _,
    future::{join, ready},
};

use super::fixture::{Fixture, addresses, run};
use crate::{
    clock::Clock as _,
    delivery::{DeliveryContext, trigger},
    order::ProcessingStatus,
    store::yield_now,
    timestamp::Timestamp,
};

/// Returns the keys of the due index.
fn due_keys(fixture: &Fixture) -> Vec<String> {
    let memory = fixture.store.state();
    let due = memory
        .values
        .keys()
        .filter(|key| key.starts_with("eo:due:"));
    due.cloned().collect()
}

fn later(fixture: &Fixture, time: &str) {
    let members = format!(r#","requestedSendTime":"{time}""#);
    fixture.place(r#"{"emailAddress":"later@example.no"}"#, &members);
}

#[test]
fn run_delivers_due_orders_only() {
    let fixture = Fixture::new();
    let now = fixture.place_to(&["a@b.no"]);
    later(&fixture, "2026-06-01T12:00:30Z");
    later(&fixture, "2026-06-01T12:00:36Z");
    later(&fixture, "2026-06-01T13:00:00Z");
    later(&fixture, "2026-07-01T00:00:00Z");
    later(&fixture, "2031-01-01T00:00:00Z");
    let run = fixture.run_trigger();
    assert_eq!((run.due, run.processed, run.more), (2, 2, false));
    assert_eq!(fixture.status(&now), ProcessingStatus::Completed);
    fixture.advance(10);
    let run = fixture.run_trigger();
    assert_eq!((run.due, run.processed, run.more), (1, 1, false));
    fixture.advance(365 * 24 * 60 * 60);
    assert_eq!(fixture.run_trigger().processed, 2);
    assert_eq!(fixture.sent_count(), 5);
}

#[test]
fn run_waits_for_an_order_that_is_due_in_a_few_seconds() {
    let fixture = Fixture::new();
    later(&fixture, "2026-06-01T12:00:34.5Z");
    assert_eq!(fixture.run_trigger().processed, 1);
    let sent_at = fixture.ports.now().to_string();
    assert_eq!(sent_at, "2026-06-01T12:00:34.5Z");
}

#[test]
fn run_without_due_orders_takes_few_reads() {
    let fixture = Fixture::new();
    fixture.place_to(&["a@b.no"]);
    fixture.run_trigger();
    for minute in 10..60 {
        later(&fixture, &format!("2026-06-01T12:{minute}:00Z"));
        later(
            &fixture,
            &format!("2026-06-{:02}T12:00:00Z", minute / 2 + 1),
        );
    }
    // Marks the minute as settled. It is not deleted yet.
    fixture.advance(150);
    fixture.run_trigger();
    let before = fixture.store.state().reads;
    assert_eq!(fixture.run_trigger(), trigger::Run::default());
    let memory = fixture.store.state();
    assert_eq!(memory.reads - before, 1);
}

#[test]
fn run_delivers_a_bounded_number_and_reports_more() {
    let fixture = Fixture::new();
    for _ in 0..450 {
        fixture.place_to(&["a@b.no"]);
    }
    let mut runs = Vec::new();
    while runs.last().is_none_or(|run: &trigger::Run| run.more) {
        runs.push(fixture.run_trigger());
    }
    let processed: Vec<_> = runs.iter().map(|run| run.processed).collect();
    assert_eq!(processed.iter().sum::<usize>(), 450, "{processed:?}");
    assert!(processed.iter().all(|&count| count <= 256), "{processed:?}");
}

#[test]
fn run_ends_in_bounded_time() {
    let fixture = Fixture::new();
    for _ in 0..50 {
        fixture.place_to(&["a@b.no"]);
    }
    *fixture.ports.send_seconds.lock().unwrap() = 1;
    let run = fixture.run_trigger();
    assert!(run.more);
    // A send takes a second. Sends that are under way at the end of the run are completed.
    let least = usize::try_from(trigger::BEGIN_SECONDS).unwrap();
    assert!(
        (least..least + 9).contains(&fixture.sent_count()),
        "{}",
        fixture.sent_count()
    );
}

/// Places orders, each by another instance.
fn place_each_by_another_instance(fixture: &mut Fixture, count: usize) {
    for _ in 0..count {
        fixture.stores = fixture.other_instance();
        fixture.place_to(&["a@b.no"]);
    }
}

#[test]
fn run_yields_to_other_requests_of_its_instance() {
    /// The limit for the calls to the store between two polls of another request.
    const MOST_CALLS: usize = 30;
    let mut fixture = Fixture::new();
    place_each_by_another_instance(&mut fixture, 300);
    let calls = || {
        let memory = fixture.store.state();
        memory.reads + memory.writes
    };
    let is_over = Cell::new(false);
    let run = async {
        let run = run(fixture.context()).await.unwrap();
        is_over.set(true);
        run
    };
    let other = async {
        let (mut most, mut before) = (0, calls());
        while !is_over.get() {
            yield_now().await;
            most = most.max(calls() - before);
            before = calls();
        }
        most
    };
    let begun = calls();
    let (run, most) = block_on(join(run, other));
    assert!(run.processed >= 200, "{run:?}");
    assert!(calls() - begun > 800, "{}", calls() - begun);
    assert!(most <= MOST_CALLS, "{most} calls between two polls");
}

/// The store is so slow that a run has time for a few calls only.
#[test]
fn runs_on_a_slow_store_make_progress() {
    const ORDERS: usize = 6;
    let mut fixture = Fixture::new();
    place_each_by_another_instance(&mut fixture, ORDERS);
    *fixture.ports.seconds_per_clock_read.lock().unwrap() = 1;
    let mut runs = 0;
    while fixture.sent_count() < ORDERS {
        let begun = now_without_passing(&fixture);
        let attempt = DeliveryContext {
            deadline: begun.plus_seconds(20),
            ..fixture.context()
        };
        block_on(run(attempt)).unwrap();
        let took = now_without_passing(&fixture).unix_seconds() - begun.unix_seconds();
        assert!(took <= 150, "a run of {took} seconds");
        runs += 1;
        assert!(runs < 200, "{} of {ORDERS} sent", fixture.sent_count());
    }
}

/// Returns the time without a read of the clock, at which time would pass.
fn now_without_passing(fixture: &Fixture) -> Timestamp {
    let look = std::mem::take(&mut *fixture.ports.seconds_per_clock_read.lock().unwrap());
    let now = fixture.ports.now();
    *fixture.ports.seconds_per_clock_read.lock().unwrap() = look;
    now
}

#[test]
fn attempts_under_way_at_the_end_of_a_run_continue() {
    let fixture = Fixture::new();
    for _ in 0..20 {
        fixture.place_to(&["a@b.no"]);
    }
    *fixture.ports.is_sending_stalled.lock().unwrap() = true;
    let attempt = fixture.context();
    let end = async {
        for _ in 0..1000 {
            yield_now().await;
        }
    };
    let begin = |id| trigger::process_order(attempt, id);
    let (run, under_way) = block_on(trigger::run(attempt, begin, end)).unwrap();
    assert_eq!(
        run,
        trigger::Run {
            due: 20,
            processed: 8,
            more: true
        }
    );
    assert_eq!(under_way.len(), 8);
    // Their leases exclude other attempts.
    *fixture.ports.is_sending_stalled.lock().unwrap() = false;
    assert_eq!(fixture.run_trigger().processed, 12);
    block_on(under_way.for_each(|_| ready(())));
    assert_eq!(fixture.sent_count(), 20);
}

#[test]
fn orders_without_time_left_are_due_and_not_processed() {
    let fixture = Fixture::new();
    let addresses = addresses(30);
    for address in &addresses {
        fixture.place_to(&[address]);
    }
    *fixture.ports.send_seconds.lock().unwrap() = 5;
    let mut processed = 0;
    loop {
        let sent = fixture.sent_count();
        let run = fixture.run_trigger();
        assert_eq!(run.processed, fixture.sent_count() - sent, "{run:?}");
        processed += run.processed;
        if !run.more {
            break;
        }
        assert!(run.processed < run.due, "{run:?}");
    }
    assert_eq!((processed, fixture.sent_count()), (30, 30));
}

#[test]
fn settled_minutes_and_their_ancestors_are_deleted() {
    let fixture = Fixture::new();
    for _ in 0..70 {
        fixture.place_to(&["a@b.no"]);
    }
    // Another instance has another writer.
    let order = fixture.place_to(&["a@b.no"]);
    let other = fixture.other_instance();
    block_on(other.orders.insert(&order, order.created)).unwrap();
    later(&fixture, "2026-08-01T00:00:00Z");
    fixture.run_trigger();
    assert!(due_keys(&fixture).len() > 10);
    for _ in 0..5 {
        fixture.advance(30 * 24 * 60 * 60 / 4);
        fixture.run_trigger();
    }
    let keys = due_keys(&fixture);
    assert!(
        keys.iter().all(|key| key.starts_with("eo:due:2026-08")),
        "{keys:?}"
    );
    assert_eq!(fixture.sent_count(), 71);
}

#[test]
fn minute_of_a_leased_order_is_not_settled() {
    let fixture = Fixture::new();
    let order = fixture.place_to(&["a@b.no"]);
    // The attempt crashes at its last write, which stores the results.
    fixture.store.state().writes_before_cut = 1;
    fixture.store.state().cut_next_write_after = Some(0);
    fixture.attempt(&order).unwrap_err();
    // The lease, and what clocks may differ by.
    for _ in 0..120 + 29 {
        fixture.advance(1);
        assert_eq!(fixture.run_trigger().processed, 0);
    }
    fixture.advance(1);
    assert_eq!(fixture.run_trigger().processed, 1);
    assert_eq!(fixture.status(&order), ProcessingStatus::Completed);
}

#[test]
fn order_of_a_writer_that_failed_is_found() {
    let fixture = Fixture::new();
    let first = fixture.place_to(&["a@b.no"]);
    // The write is complete, and yet returns an error, as its repetition does.
    fixture.store.state().cut_next_write_after = Some(25);
    fixture.store.state().cuts = 2;
    let second = {
        let order = fixture.place_with_failed_write(&["c@d.no"]);
        fixture.place_to(&["e@f.no"]);
        order
    };
    assert_eq!(fixture.run_trigger().processed, 3);
    for order in [first, second] {
        assert_eq!(fixture.status(&order), ProcessingStatus::Completed);
    }
}

#[test]
fn backlog_does_not_delay_new_orders() {
    let fixture = Fixture::new();
    for _ in 0..100 {
        fixture.place_to(&["old@example.no"]);
        fixture.advance(60);
    }
    let last = fixture.place_to(&["new@example.no"]);
    let deadline = fixture.context().deadline;
    let context = DeliveryContext {
        deadline,
        ..fixture.context()
    };
    let run = block_on(run(context)).unwrap();
    assert_eq!(fixture.status(&last), ProcessingStatus::Completed);
    assert!(run.processed >= 45 && run.more, "{run:?}");
    // A minute is visited once more before it is deleted.
    for _ in 0..6 {
        fixture.run_trigger();
    }
    assert_eq!(fixture.sent_count(), 101);
}
