use std::cell::Cell;

use futures_executor::block_on;
use futures_util::{
    StreamExt as _,
    future::{join, ready},
};

use super::fake_ports::{Stage, addresses, run};
use crate::{
    clock::Clock as _,
    delivery::{DeliveryContext, trigger},
    order::ProcessingStatus,
    store::yield_now,
    timestamp::Timestamp,
};

/// The keys of due times.
fn due_keys(stage: &Stage) -> Vec<String> {
    let memory = stage.store.state();
    let due = memory
        .values
        .keys()
        .filter(|key| key.starts_with("eo:due:"));
    due.cloned().collect()
}

fn later(stage: &Stage, time: &str) {
    let members = format!(r#","requestedSendTime":"{time}""#);
    stage.place(r#"{"emailAddress":"later@example.no"}"#, &members);
}

#[test]
fn what_is_due_is_found_and_what_is_not_is_left() {
    let stage = Stage::new();
    let now = stage.place_to(&["a@b.no"]);
    later(&stage, "2026-06-01T12:01:29Z");
    later(&stage, "2026-06-01T12:01:31Z");
    later(&stage, "2026-06-01T13:00:00Z");
    later(&stage, "2026-07-01T00:00:00Z");
    later(&stage, "2031-01-01T00:00:00Z");
    let run = stage.run();
    assert_eq!((run.due, run.processed, run.more), (2, 2, false));
    assert_eq!(stage.status(&now), ProcessingStatus::Completed);
    stage.pass(10);
    let run = stage.run();
    assert_eq!((run.due, run.processed, run.more), (1, 1, false));
    stage.pass(365 * 24 * 60 * 60);
    assert_eq!(stage.run().processed, 2);
    assert_eq!(stage.sent(), 5);
}

#[test]
fn a_run_with_nothing_due_is_a_few_reads_whatever_is_stored() {
    let stage = Stage::new();
    stage.place_to(&["a@b.no"]);
    stage.run();
    for minute in 10..60 {
        later(&stage, &format!("2026-06-01T12:{minute}:00Z"));
        later(&stage, &format!("2026-06-{:02}T12:00:00Z", minute / 2 + 1));
    }
    // The minute is settled, and not yet deleted.
    stage.pass(150);
    stage.run();
    let before = stage.store.state().reads;
    assert_eq!(stage.run(), trigger::Run::default());
    let memory = stage.store.state();
    assert_eq!(memory.reads - before, 4);
}

#[test]
fn a_batch_is_bounded_and_says_that_there_is_more() {
    let stage = Stage::new();
    for _ in 0..450 {
        stage.place_to(&["a@b.no"]);
    }
    let mut runs = Vec::new();
    while runs.last().is_none_or(|run: &trigger::Run| run.more) {
        runs.push(stage.run());
    }
    let processed: Vec<_> = runs.iter().map(|run| run.processed).collect();
    assert_eq!(processed.iter().sum::<usize>(), 450, "{processed:?}");
    assert!(processed.iter().all(|&count| count <= 256), "{processed:?}");
}

#[test]
fn time_is_bounded() {
    let stage = Stage::new();
    for _ in 0..50 {
        stage.place_to(&["a@b.no"]);
    }
    *stage.ports.send_seconds.lock().unwrap() = 1;
    let run = stage.run();
    assert!(run.more);
    // A send takes a second, and those that are under way when the time is over come to their end.
    let least = usize::try_from(trigger::BEGIN_SECONDS).unwrap();
    assert!(
        (least..least + 9).contains(&stage.sent()),
        "{}",
        stage.sent()
    );
}

/// Places so many orders, each by an instance of its own.
fn place_each_by_another_instance(stage: &mut Stage, count: usize) {
    for _ in 0..count {
        stage.stores = stage.other_instance();
        stage.place_to(&["a@b.no"]);
    }
}

/// The most calls to the store between two turns of another request of the instance.
#[test]
fn a_run_lets_other_requests_of_its_instance_in() {
    const MOST_CALLS: usize = 30;
    let mut stage = Stage::new();
    place_each_by_another_instance(&mut stage, 300);
    let calls = || {
        let memory = stage.store.state();
        memory.reads + memory.writes
    };
    let is_over = Cell::new(false);
    let run = async {
        let run = run(stage.context()).await.unwrap();
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
    assert!(calls() - begun > 1000, "{}", calls() - begun);
    assert!(most <= MOST_CALLS, "{most} calls in one turn");
}

/// A store so slow that a run has time for a few calls only: each run does something all the same,
/// and in the end everything is sent.
#[test]
fn a_slow_store_is_worked_off_bit_by_bit() {
    const ORDERS: usize = 6;
    let mut stage = Stage::new();
    place_each_by_another_instance(&mut stage, ORDERS);
    *stage.ports.look_seconds.lock().unwrap() = 1;
    let mut runs = 0;
    while stage.sent() < ORDERS {
        let begun = at_once(&stage);
        let attempt = DeliveryContext {
            deadline: begun.plus_seconds(20),
            ..stage.context()
        };
        block_on(run(attempt)).unwrap();
        let took = at_once(&stage).unix_seconds() - begun.unix_seconds();
        assert!(took <= 60, "a run of {took} seconds");
        runs += 1;
        assert!(runs < 200, "{} of {ORDERS} sent", stage.sent());
    }
}

/// The world's time, without a look at its clock.
fn at_once(stage: &Stage) -> Timestamp {
    let look = std::mem::take(&mut *stage.ports.look_seconds.lock().unwrap());
    let now = stage.ports.now();
    *stage.ports.look_seconds.lock().unwrap() = look;
    now
}

#[test]
fn what_is_under_way_when_a_run_has_to_answer_goes_on() {
    let stage = Stage::new();
    for _ in 0..20 {
        stage.place_to(&["a@b.no"]);
    }
    *stage.ports.sends_stall.lock().unwrap() = true;
    let attempt = stage.context();
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
    // They are nobody else's meanwhile.
    *stage.ports.sends_stall.lock().unwrap() = false;
    assert_eq!(stage.run().processed, 12);
    block_on(under_way.for_each(|_| ready(())));
    assert_eq!(stage.sent(), 20);
}

#[test]
fn what_no_time_is_left_for_is_due_and_not_processed() {
    let stage = Stage::new();
    let addresses = addresses(30);
    for address in &addresses {
        stage.place_to(&[address]);
    }
    *stage.ports.send_seconds.lock().unwrap() = 5;
    let mut processed = 0;
    loop {
        let sent = stage.sent();
        let run = stage.run();
        assert_eq!(run.processed, stage.sent() - sent, "{run:?}");
        processed += run.processed;
        if !run.more {
            break;
        }
        assert!(run.processed < run.due, "{run:?}");
    }
    assert_eq!((processed, stage.sent()), (30, 30));
}

#[test]
fn settled_minutes_are_deleted_and_so_is_what_led_to_them() {
    let stage = Stage::new();
    for _ in 0..70 {
        stage.place_to(&["a@b.no"]);
    }
    // Another instance has another writer.
    let order = stage.place_to(&["a@b.no"]);
    let other = stage.other_instance();
    block_on(other.orders.insert(&order, order.created)).unwrap();
    later(&stage, "2026-08-01T00:00:00Z");
    stage.run();
    assert!(due_keys(&stage).len() > 70);
    for _ in 0..5 {
        stage.pass(30 * 24 * 60 * 60 / 4);
        stage.run();
    }
    let keys = due_keys(&stage);
    assert!(
        keys.iter().all(|key| key.starts_with("eo:due:2026-08")),
        "{keys:?}"
    );
    assert_eq!(stage.sent(), 71);
}

#[test]
fn an_order_that_somebody_is_at_keeps_its_minute() {
    let stage = Stage::new();
    let order = stage.place_to(&["a@b.no"]);
    // The attempt crashes at its last write, after the page.
    stage.store.state().writes_before_cut = 1;
    stage.store.state().cut_next_write_after = Some(0);
    stage.attempt(&order).unwrap_err();
    for _ in 0..119 {
        stage.pass(1);
        assert_eq!(stage.run().processed, 0);
    }
    stage.pass(1);
    assert_eq!(stage.run().processed, 1);
    assert_eq!(stage.status(&order), ProcessingStatus::Completed);
}

#[test]
fn what_is_filed_in_a_lane_that_failed_is_not_hidden() {
    let stage = Stage::new();
    let first = stage.place_to(&["a@b.no"]);
    // Written, and not known to be.
    stage.store.state().cut_next_write_after = Some(25);
    let second = {
        let order = stage.place_unsure(&["c@d.no"]);
        stage.place_to(&["e@f.no"]);
        order
    };
    assert_eq!(stage.run().processed, 3);
    for order in [first, second] {
        assert_eq!(stage.status(&order), ProcessingStatus::Completed);
    }
}

#[test]
fn a_long_absence_is_worked_off_from_both_ends() {
    let stage = Stage::new();
    for _ in 0..100 {
        stage.place_to(&["old@example.no"]);
        stage.pass(60);
    }
    let last = stage.place_to(&["new@example.no"]);
    let deadline = stage.context().deadline;
    let context = DeliveryContext {
        deadline,
        ..stage.context()
    };
    let run = block_on(run(context)).unwrap();
    assert_eq!(stage.status(&last), ProcessingStatus::Completed);
    assert!(run.processed >= 60, "{run:?}");
    for _ in 0..3 {
        stage.run();
    }
    assert_eq!(stage.sent(), 101);
}
