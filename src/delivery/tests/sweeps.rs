use futures_executor::block_on;

use super::world::Stage;
use crate::{
    delivery::{
        Outside as _,
        sweep::{self, SweepError},
    },
    order::{NotificationStatus as S, Order},
    store::{SHARDS, Selection},
};

/// How many orders a sweep of all parts puts back.
fn sweep_all(stage: &Stage) -> usize {
    let sweep = |_| block_on(sweep::run(stage.context(), true)).unwrap();
    (0..SHARDS).map(sweep).sum()
}

/// Takes everything out of the indexes.
fn lose(stage: &Stage, index: &str) {
    let mut memory = stage.store.state();
    let before = memory.values.len();
    memory.values.retain(|key, _| !key.starts_with(index));
    assert!(memory.values.len() < before, "there is nothing in {index}");
}

fn with_reference(stage: &Stage) -> Order {
    stage.place(
        r#"{"emailAddress":"a@b.no"}"#,
        r#","sendersReference":"case-1""#,
    )
}

#[test]
fn what_no_index_knows_is_put_back_and_sent_once() {
    let stage = Stage::new();
    let orders: Vec<_> = (0..100)
        .map(|n| stage.place_to(&[&format!("{n}@example.no")]))
        .collect();
    lose(&stage, "eo:due:");
    stage.pass(601);
    assert_eq!(stage.run().due, 0);
    assert_eq!(sweep_all(&stage), 100);
    while stage.run().more {}
    for order in orders {
        assert_eq!(stage.statuses(&order), [S::Delivered]);
    }
    assert_eq!(stage.sent(), 100);
    stage.pass(601);
    assert_eq!(sweep_all(&stage), 0);
}

#[test]
fn a_reference_is_put_back() {
    let stage = Stage::new();
    let order = with_reference(&stage);
    lose(&stage, "eo:ref:");
    let found = || {
        let found = stage
            .orders
            .find(&order.creator, "case-1", Selection::default());
        found.unwrap().orders.len()
    };
    assert_eq!(found(), 0);
    assert_eq!(sweep_all(&stage), 1);
    assert_eq!(found(), 1);
    assert_eq!(sweep_all(&stage), 0);
}

#[test]
fn what_is_not_long_due_is_left_alone() {
    let stage = Stage::new();
    stage.place(
        r#"{"emailAddress":"a@b.no"}"#,
        r#","requestedSendTime":"2026-06-01T13:00:00Z""#,
    );
    lose(&stage, "eo:due:");
    stage.pass(600);
    assert_eq!(sweep_all(&stage), 0);
    stage.pass(3600 + 601);
    assert_eq!(sweep_all(&stage), 1);
}

#[test]
fn what_is_settled_is_left_alone() {
    let stage = Stage::new();
    let order = stage.place_to(&["a@b.no"]);
    stage.attempted(&order);
    lose(&stage, "eo:due:");
    stage.pass(7200);
    assert_eq!(sweep_all(&stage), 0);
}

#[test]
fn a_part_is_swept_in_an_hour_and_the_first_after_one() {
    let stage = Stage::new();
    let sweep = || block_on(sweep::run(stage.context(), false)).unwrap();
    assert_eq!(sweep(), 0);
    let orders: Vec<_> = (0..200).map(|_| with_reference(&stage)).collect();
    lose(&stage, "eo:ref:");
    let mut repaired = 0;
    for part in 0..SHARDS {
        stage.pass(3599);
        assert_eq!(sweep(), 0, "{part}");
        stage.pass(2);
        repaired += sweep();
    }
    assert_eq!(repaired, orders.len());
}

/// A part that is larger than the time for it is gone on with.
#[test]
fn a_part_is_swept_on_from_where_it_was_left() {
    let stage = Stage::new();
    let count = 2000;
    for _ in 0..count {
        with_reference(&stage);
    }
    lose(&stage, "eo:ref:");
    let mut repaired = 0;
    let mut runs = 0;
    while repaired < count {
        let mut attempt = stage.context();
        // Over when the first chunk is done.
        attempt.deadline = stage.world.now().plus_seconds(-1);
        repaired += block_on(sweep::run(attempt, true)).unwrap();
        runs += 1;
        assert!(runs < 100, "{repaired} of {count}");
    }
    assert!(runs > usize::from(SHARDS), "{runs} runs");
}

#[test]
fn keys_that_cannot_be_listed_are_an_error_and_no_end() {
    let stage = Stage::new();
    with_reference(&stage);
    lose(&stage, "eo:ref:");
    *stage.world.keys_fail.lock().unwrap() = true;
    let error = block_on(sweep::run(stage.context(), true)).unwrap_err();
    assert!(matches!(error, SweepError::Keys(_)), "{error}");
    *stage.world.keys_fail.lock().unwrap() = false;
    assert_eq!(sweep_all(&stage), 1);
}
