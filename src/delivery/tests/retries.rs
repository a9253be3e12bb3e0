use futures_executor::block_on;

use super::fixture::Fixture;
use crate::{
    clock::Clock as _,
    delivery::{AttemptResult, SendFailure},
    order::{NotificationStatus as S, ProcessingStatus},
    store::SenderFault,
};

fn transient() -> SendFailure {
    SendFailure::Transient("simulated".to_owned())
}

#[test]
fn transient_failure_is_retried_after_growing_pauses() {
    let fixture = Fixture::new();
    let order = fixture.place_to(&["a@b.no", "c@d.no"]);
    fixture.fail_sends("a@b.no", [transient(), transient()]);
    assert_eq!(fixture.attempt_ok(&order), AttemptResult::Postponed);
    assert_eq!(fixture.statuses(&order), [S::TransientError, S::Delivered]);
    assert_eq!(fixture.status(&order), ProcessingStatus::Processing);
    fixture.advance(30);
    assert_eq!(fixture.attempt_ok(&order), AttemptResult::Skipped);
    fixture.advance(60);
    assert_eq!(fixture.attempt_ok(&order), AttemptResult::Postponed);
    // The second pause is longer.
    fixture.advance(80);
    assert_eq!(fixture.attempt_ok(&order), AttemptResult::Skipped);
    fixture.advance(80);
    assert!(matches!(
        fixture.attempt_ok(&order),
        AttemptResult::Settled(_)
    ));
    assert_eq!(fixture.statuses(&order), [S::Delivered, S::Delivered]);
    assert_eq!(
        (
            fixture.sent_count_to("a@b.no"),
            fixture.sent_count_to("c@d.no")
        ),
        (3, 1)
    );
}

#[test]
fn retry_sends_the_same_email() {
    let fixture = Fixture::new();
    let order = fixture.place_to(&["a@b.no"]);
    fixture.fail_sends("a@b.no", [transient()]);
    fixture.attempt_ok(&order);
    fixture.advance(100);
    fixture.attempt_ok(&order);
    let sent = fixture.ports.sent.lock().unwrap();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0], sent[1]);
}

#[test]
fn run_retries_a_postponed_order_when_it_is_due() {
    let fixture = Fixture::new();
    let order = fixture.place_to(&["a@b.no"]);
    fixture.fail_sends("a@b.no", [transient()]);
    assert_eq!(fixture.run_trigger().processed, 1);
    assert_eq!(fixture.run_trigger().processed, 0);
    fixture.advance(100);
    assert_eq!(fixture.run_trigger().processed, 1);
    assert_eq!(fixture.status(&order), ProcessingStatus::Completed);
}

#[test]
fn transient_failures_are_given_up_two_days_after_the_send_time() {
    let fixture = Fixture::new();
    let order = fixture.place_to(&["a@b.no"]);
    fixture.fail_sends("a@b.no", std::iter::repeat_n(transient(), 200));
    let end = order.requested_send_time.plus_seconds(48 * 60 * 60);
    let mut attempts = 0;
    while fixture.status(&order) != ProcessingStatus::Completed {
        attempts += fixture.run_trigger().processed;
        fixture.advance(300);
        assert!(attempts < 100, "it comes to an end");
    }
    assert_eq!(fixture.statuses(&order), [S::Failed]);
    let last = fixture.stores.orders.state(&order).unwrap().last_update;
    assert!(
        last >= end && last < end.plus_seconds(2 * 60 * 60),
        "{last}"
    );
    // Pauses grow to an hour.
    assert!((48..70).contains(&attempts), "{attempts}");
}

#[test]
fn rate_limit_pauses_all_orders() {
    let fixture = Fixture::new();
    let first = fixture.place_to(&["a@b.no"]);
    let second = fixture.place_to(&["c@d.no"]);
    fixture.fail_sends("a@b.no", [SendFailure::RateLimited(Some(300))]);
    assert_eq!(fixture.attempt_ok(&first), AttemptResult::Postponed);
    assert_eq!(fixture.statuses(&first), [S::New]);
    assert_eq!(fixture.attempt_ok(&second), AttemptResult::SenderPaused);
    assert_eq!(fixture.run_trigger().processed, 0);
    assert_eq!(fixture.status(&second), ProcessingStatus::Registered);
    // The rate limit is longer than the first pause.
    fixture.advance(299);
    assert_eq!(fixture.run_trigger().processed, 0);
    fixture.advance(2);
    assert_eq!(fixture.run_trigger().processed, 2);
    assert_eq!(fixture.sent_count(), 3);
}

#[test]
fn rate_limit_stops_unsent_emails_of_the_order() {
    let fixture = Fixture::new();
    let all = super::fixture::addresses(45);
    let all: Vec<_> = all.iter().map(String::as_str).collect();
    let order = fixture.place_to(&all);
    fixture.fail_sends("0@example.no", [SendFailure::RateLimited(None)]);
    assert_eq!(fixture.attempt_ok(&order), AttemptResult::Postponed);
    assert!(fixture.sent_count() < 20, "{}", fixture.sent_count());
    fixture.advance(100);
    assert!(matches!(
        fixture.attempt_ok(&order),
        AttemptResult::Settled(_)
    ));
    assert_eq!(fixture.statuses(&order), vec![S::Delivered; 45]);
    assert_eq!(fixture.sent_count(), 46);
}

#[test]
fn rate_limit_releases_an_initial_lease() {
    let fixture = Fixture::new();
    let limited = SendFailure::RateLimited(Some(100));
    fixture.fail_sends("a@b.no", [limited]);
    let order = fixture.place_to(&["a@b.no"]);
    assert_eq!(fixture.attempt_ok(&order), AttemptResult::Postponed);
    let (order, lease) = fixture.place_leased(&["c@d.no"]);
    let attempt = block_on(fixture.context().attempt_leased(&order, lease));
    assert_eq!(attempt.unwrap(), AttemptResult::SenderPaused);
    assert_eq!(fixture.status(&order), ProcessingStatus::Registered);
    fixture.advance(101);
    assert_eq!(fixture.run_trigger().processed, 2);
    assert_eq!(fixture.statuses(&order), [S::Delivered]);
}

#[test]
fn recipient_that_stays_rate_limited_does_not_delay_the_others() {
    let fixture = Fixture::new();
    let all = super::fixture::addresses(45);
    let all: Vec<_> = all.iter().map(String::as_str).collect();
    let order = fixture.place_to(&all);
    let limits = std::iter::repeat_n(SendFailure::RateLimited(Some(1)), 20);
    fixture.fail_sends("0@example.no", limits);
    // Most of the others follow in the same attempt, when the pause is over.
    assert_eq!(fixture.attempt_ok(&order), AttemptResult::Unfinished);
    assert!(fixture.sent_count() > 25, "{}", fixture.sent_count());
    // When they are done, the limited one is tried again. Without progress, the order's pauses grow.
    for pause in [12, 23, 45] {
        assert_eq!(fixture.attempt_ok(&order), AttemptResult::Postponed);
        let left = fixture.statuses(&order);
        assert_eq!(left[0], S::New);
        assert_eq!(left[1..], vec![S::Delivered; 44]);
        fixture.advance(pause - 2);
        assert_eq!(fixture.attempt_ok(&order), AttemptResult::Skipped);
        fixture.advance(2 * pause);
    }
    assert_eq!(fixture.sent_count_to("0@example.no"), 5);
}

#[test]
fn pauses_begin_anew_after_progress() {
    let fixture = Fixture::new();
    let order = fixture.place_to(&["a@b.no", "c@d.no"]);
    fixture.fail_sends("a@b.no", std::iter::repeat_n(transient(), 20));
    fixture.fail_sends("c@d.no", std::iter::repeat_n(transient(), 5));
    let pauses = || {
        let progress = fixture.stores.orders.state(&order).unwrap().progress;
        progress.pauses
    };
    for expected in 1..=5 {
        assert_eq!(fixture.attempt_ok(&order), AttemptResult::Postponed);
        assert_eq!(pauses(), expected);
        fixture.advance(3600);
    }
    // The other email is delivered.
    assert_eq!(fixture.attempt_ok(&order), AttemptResult::Postponed);
    assert_eq!(pauses(), 1);
}

#[test]
fn rate_limited_and_untried_emails_fail_when_the_order_is_given_up() {
    let fixture = Fixture::new();
    let all = super::fixture::addresses(45);
    let all: Vec<_> = all.iter().map(String::as_str).collect();
    let order = fixture.place_to(&all);
    fixture.fail_sends("0@example.no", [SendFailure::RateLimited(None)]);
    fixture.advance(48 * 60 * 60);
    assert_eq!(fixture.attempt_ok(&order), AttemptResult::Postponed);
    let statuses = fixture.statuses(&order);
    assert_eq!((statuses.len(), statuses[0]), (20, S::Failed));
    assert!(!statuses.contains(&S::New));
    // The other pages get their one attempt after the pause.
    fixture.advance(61);
    assert!(matches!(
        fixture.attempt_ok(&order),
        AttemptResult::Settled(_)
    ));
    assert_eq!(fixture.statuses(&order)[20..], vec![S::Delivered; 25]);
}

#[test]
fn configuration_fault_is_stored_until_an_email_that_failed_leaves() {
    let fixture = Fixture::new();
    let fault = || fixture.stores.deliveries.sender_fault().unwrap();
    let order = fixture.place_to(&["a@b.no"]);
    let failure = |text: &str| SendFailure::Transient(text.to_owned());
    let wrong = failure("configuration: refuses <me@example.no>");
    fixture.fail_sends("a@b.no", [failure("no connection"), wrong]);
    fixture.attempt_ok(&order);
    assert_eq!(fault(), None);
    fixture.advance(100);
    fixture.attempt_ok(&order);
    let at = fixture.ports.now();
    let reason = "configuration: refuses <***>".to_owned();
    assert_eq!(fault(), Some(SenderFault { at, reason }));
    // Another email may be one that the fault does not concern.
    fixture.place_to(&["c@d.no"]);
    fixture.run_trigger();
    assert!(fault().is_some());
    fixture.advance(200);
    fixture.attempt_ok(&order);
    assert_eq!(fixture.statuses(&order), [S::Delivered]);
    assert_eq!(fault(), None);
}

#[test]
fn configuration_fault_is_reported_once_a_minute() {
    let fixture = Fixture::new();
    let wrong = SendFailure::Transient("configuration: wrong key".to_owned());
    let all = super::fixture::addresses(20);
    for address in &all {
        fixture.fail_sends(address, std::iter::repeat_n(wrong.clone(), 3));
    }
    let all: Vec<_> = all.iter().map(String::as_str).collect();
    let at = || {
        fixture
            .stores
            .deliveries
            .sender_fault()
            .unwrap()
            .unwrap()
            .at
    };
    let first = fixture.ports.now();
    fixture.attempt_ok(&fixture.place_to(&all[..10]));
    fixture.advance(59);
    fixture.attempt_ok(&fixture.place_to(&all[10..15]));
    assert_eq!(at(), first);
    fixture.advance(1);
    fixture.attempt_ok(&fixture.place_to(&all[15..]));
    assert_eq!(at(), fixture.ports.now());
}

#[test]
fn order_is_given_up_after_the_configured_hours() {
    let fixture = Fixture::new();
    let order = fixture.place_to(&["a@b.no"]);
    fixture.fail_sends("a@b.no", std::iter::repeat_n(transient(), 20));
    for (hours, statuses) in [(2, [S::TransientError]), (1, [S::Failed])] {
        fixture.advance(hours * 60 * 60 - 10);
        let context = crate::delivery::DeliveryContext {
            settings: crate::config::DeliverySettings {
                give_up_hours: 3,
                send_rate: 0,
            },
            ..fixture.context()
        };
        block_on(context.attempt(&order)).unwrap();
        assert_eq!(fixture.statuses(&order), statuses);
        fixture.advance(20);
    }
}
