use futures_executor::block_on;

use super::fake_ports::Stage;
use crate::{
    delivery::{AttemptResult, SendFailure},
    order::{NotificationStatus as S, ProcessingStatus},
};

fn transient() -> SendFailure {
    SendFailure::Transient("simulated".to_owned())
}

#[test]
fn only_what_may_work_is_tried_again_and_later() {
    let stage = Stage::new();
    let order = stage.place_to(&["a@b.no", "c@d.no"]);
    stage.fail("a@b.no", [transient(), transient()]);
    assert_eq!(stage.attempted(&order), AttemptResult::Postponed);
    assert_eq!(stage.statuses(&order), [S::TransientError, S::Delivered]);
    assert_eq!(stage.status(&order), ProcessingStatus::Processing);
    stage.pass(30);
    assert_eq!(stage.attempted(&order), AttemptResult::Skipped);
    stage.pass(60);
    assert_eq!(stage.attempted(&order), AttemptResult::Postponed);
    // The second pause is longer.
    stage.pass(80);
    assert_eq!(stage.attempted(&order), AttemptResult::Skipped);
    stage.pass(80);
    assert!(matches!(stage.attempted(&order), AttemptResult::Settled(_)));
    assert_eq!(stage.statuses(&order), [S::Delivered, S::Delivered]);
    assert_eq!((stage.sent_to("a@b.no"), stage.sent_to("c@d.no")), (3, 1));
}

#[test]
fn a_repeat_has_the_same_id() {
    let stage = Stage::new();
    let order = stage.place_to(&["a@b.no"]);
    stage.fail("a@b.no", [transient()]);
    stage.attempted(&order);
    stage.pass(100);
    stage.attempted(&order);
    let sent = stage.ports.sent.lock().unwrap();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0], sent[1]);
}

#[test]
fn the_trigger_finds_it_again_when_it_is_time() {
    let stage = Stage::new();
    let order = stage.place_to(&["a@b.no"]);
    stage.fail("a@b.no", [transient()]);
    assert_eq!(stage.run().processed, 1);
    assert_eq!(stage.run().processed, 0);
    stage.pass(100);
    assert_eq!(stage.run().processed, 1);
    assert_eq!(stage.status(&order), ProcessingStatus::Completed);
}

#[test]
fn it_is_given_up_two_days_after_the_send_time() {
    let stage = Stage::new();
    let order = stage.place_to(&["a@b.no"]);
    stage.fail("a@b.no", std::iter::repeat_n(transient(), 200));
    let end = order.requested_send_time.plus_seconds(48 * 60 * 60);
    let mut attempts = 0;
    while stage.status(&order) != ProcessingStatus::Completed {
        attempts += stage.run().processed;
        stage.pass(300);
        assert!(attempts < 100, "it comes to an end");
    }
    assert_eq!(stage.statuses(&order), [S::Failed]);
    let last = stage.stores.orders.state(&order).unwrap().last_update;
    assert!(
        last >= end && last < end.plus_seconds(2 * 60 * 60),
        "{last}"
    );
    // Twice an hour would be 96; pauses grow to an hour.
    assert!((48..70).contains(&attempts), "{attempts}");
}

#[test]
fn a_rate_limit_holds_all_sending_back() {
    let stage = Stage::new();
    let first = stage.place_to(&["a@b.no"]);
    let second = stage.place_to(&["c@d.no"]);
    stage.fail("a@b.no", [SendFailure::RateLimited(Some(300))]);
    assert_eq!(stage.attempted(&first), AttemptResult::Postponed);
    assert_eq!(stage.statuses(&first), [S::New]);
    assert_eq!(stage.attempted(&second), AttemptResult::SenderPaused);
    assert_eq!(stage.run().processed, 0);
    assert_eq!(stage.status(&second), ProcessingStatus::Registered);
    // Longer than the first pause would be.
    stage.pass(299);
    assert_eq!(stage.run().processed, 0);
    stage.pass(2);
    assert_eq!(stage.run().processed, 2);
    assert_eq!(stage.sent(), 3);
}

#[test]
fn a_rate_limit_stops_what_was_not_begun() {
    let stage = Stage::new();
    let all = super::fake_ports::addresses(45);
    let all: Vec<_> = all.iter().map(String::as_str).collect();
    let order = stage.place_to(&all);
    stage.fail("0@example.no", [SendFailure::RateLimited(None)]);
    assert_eq!(stage.attempted(&order), AttemptResult::Postponed);
    assert!(stage.sent() < 20, "{}", stage.sent());
    stage.pass(100);
    assert!(matches!(stage.attempted(&order), AttemptResult::Settled(_)));
    assert_eq!(stage.statuses(&order), vec![S::Delivered; 45]);
    assert_eq!(stage.sent(), 46);
}

#[test]
fn a_reservation_does_not_outlast_a_rate_limit() {
    let stage = Stage::new();
    let limited = SendFailure::RateLimited(Some(10));
    stage.fail("a@b.no", [limited]);
    let order = stage.place_to(&["a@b.no"]);
    assert_eq!(stage.attempted(&order), AttemptResult::Postponed);
    let (order, lease) = stage.place_reserved(&["c@d.no"]);
    let attempt = block_on(stage.context().attempt_leased(&order, lease));
    assert_eq!(attempt.unwrap(), AttemptResult::SenderPaused);
    assert_eq!(stage.status(&order), ProcessingStatus::Registered);
    stage.pass(11);
    assert_eq!(stage.run().processed, 1);
    assert_eq!(stage.statuses(&order), [S::Delivered]);
}
