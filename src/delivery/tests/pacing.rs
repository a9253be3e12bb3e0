//! The pace of sends: the configured rate, the cap on sends in flight, and limits of other instances.

use futures_executor::block_on;
use futures_util::future::join_all;

use super::fixture::{Fixture, addresses};
use crate::{
    clock::Clock as _,
    config::DeliverySettings,
    delivery::{AttemptResult, DeliveryContext, SendFailure, SendGate},
    order::{NotificationStatus as S, Order},
    store::{MemoryStore, SenderLimit},
};

use super::fake_ports::FakePorts;

/// Returns the environment of an attempt that sends this many emails in 1,000 seconds.
fn at_rate(
    fixture: &Fixture,
    send_rate: u32,
) -> DeliveryContext<'_, &'static MemoryStore, FakePorts> {
    DeliveryContext {
        settings: DeliverySettings {
            give_up_hours: 48,
            send_rate,
        },
        ..fixture.context()
    }
}

fn place(fixture: &Fixture, recipients: usize) -> Order {
    let all = addresses(recipients);
    let all: Vec<_> = all.iter().map(String::as_str).collect();
    fixture.place_to(&all)
}

#[test]
fn emails_leave_at_the_configured_rate() {
    let fixture = Fixture::new();
    let order = place(&fixture, 25);
    let begun = fixture.ports.now();
    let attempt = block_on(at_rate(&fixture, 2_000).attempt(&order));
    assert!(matches!(attempt, Ok(AttemptResult::Settled(_))));
    let took = fixture.ports.now().duration_since(begun);
    assert_eq!(took.as_secs(), 12);
}

#[test]
fn emails_whose_turn_does_not_come_are_left_to_the_next_run() {
    let fixture = Fixture::new();
    let order = place(&fixture, 45);
    let sent = || fixture.sent_count();
    for expected in [16, 31] {
        let attempt = block_on(at_rate(&fixture, 1_000).attempt(&order));
        assert_eq!(attempt.unwrap(), AttemptResult::Unfinished);
        assert_eq!(sent(), expected);
        let statuses = fixture.statuses(&order);
        assert!(!statuses.contains(&S::TransientError));
    }
    let attempt = block_on(at_rate(&fixture, 1_000).attempt(&order));
    assert!(matches!(attempt, Ok(AttemptResult::Settled(_))));
    assert_eq!(fixture.statuses(&order), vec![S::Delivered; 45]);
}

#[test]
fn email_whose_turn_does_not_come_is_not_given_up_untried() {
    let fixture = Fixture::new();
    let order = place(&fixture, 20);
    fixture.advance(48 * 60 * 60);
    let attempt = block_on(at_rate(&fixture, 1_000).attempt(&order));
    assert_eq!(attempt.unwrap(), AttemptResult::Unfinished);
    let attempt = block_on(at_rate(&fixture, 1_000).attempt(&order));
    assert!(matches!(attempt, Ok(AttemptResult::Settled(_))));
    assert_eq!(fixture.statuses(&order), vec![S::Delivered; 20]);
}

#[test]
fn sends_in_flight_are_capped_over_all_orders_of_an_instance() {
    let fixture = Fixture::new();
    let orders: Vec<_> = (0..12).map(|_| place(&fixture, 20)).collect();
    let attempts = orders.iter().map(|order| fixture.context().attempt(order));
    for attempt in block_on(join_all(attempts)) {
        assert!(matches!(attempt, Ok(AttemptResult::Settled(_))));
    }
    assert_eq!(fixture.sent_count(), 240);
    let (now, most) = *fixture.ports.in_flight.lock().unwrap();
    assert_eq!((now, most), (0, 16));
}

#[test]
fn limit_that_another_instance_has_met_is_kept_to() {
    let fixture = Fixture::new();
    let order = place(&fixture, 10);
    let now = fixture.ports.now();
    let limit = SenderLimit {
        until: now.plus_seconds(4),
        rate: 2_000,
    };
    fixture.stores.deliveries.set_sender_limit(limit).unwrap();
    assert!(matches!(
        fixture.attempt_ok(&order),
        AttemptResult::Settled(_)
    ));
    // Four seconds of pause, and nine intervals of less than half a second.
    let took = fixture.ports.now().duration_since(now).as_secs();
    assert!((7..9).contains(&took), "{took}");
}

#[test]
fn later_default_pause_does_not_shorten_a_longer_one() {
    let fixture = Fixture::new();
    let (long, short) = (place(&fixture, 1), fixture.place_to(&["a@b.no", "c@d.no"]));
    fixture.fail_sends("0@example.no", [SendFailure::RateLimited(Some(600))]);
    fixture.fail_sends("a@b.no", [SendFailure::RateLimited(None)]);
    let now = fixture.ports.now();
    // Another instance sends at the same time, and does not know of the limit yet.
    let gate = SendGate::default();
    let other = DeliveryContext {
        gate: &gate,
        ..fixture.context()
    };
    block_on(join_all([
        fixture.context().attempt(&long),
        other.attempt(&short),
    ]));
    let limit = fixture.stores.deliveries.sender_limit().unwrap().unwrap();
    assert_eq!(limit.until, now.plus_seconds(600));
}

#[test]
fn refused_emails_follow_in_the_same_attempt_and_failed_ones_later() {
    let fixture = Fixture::new();
    let order = place(&fixture, 25);
    let limited = SendFailure::RateLimited(Some(1));
    fixture.fail_sends("0@example.no", [limited.clone(), limited]);
    let failed = SendFailure::Transient("simulated".to_owned());
    fixture.fail_sends("1@example.no", [failed]);
    assert_eq!(fixture.attempt_ok(&order), AttemptResult::Postponed);
    let statuses = fixture.statuses(&order);
    assert_eq!(statuses[..2], [S::New, S::TransientError]);
    assert_eq!(statuses[2..], vec![S::Delivered; 23]);
    assert_eq!(fixture.sent_count_to("0@example.no"), 2);
    assert_eq!(fixture.sent_count_to("1@example.no"), 1);
}

#[test]
fn order_whose_emails_were_refused_once_is_completed_in_one_attempt() {
    let fixture = Fixture::new();
    let order = place(&fixture, 25);
    let limited = SendFailure::RateLimited(Some(1));
    fixture.fail_sends("24@example.no", [limited]);
    assert!(matches!(
        fixture.attempt_ok(&order),
        AttemptResult::Settled(_)
    ));
    assert_eq!(fixture.statuses(&order), vec![S::Delivered; 25]);
    assert_eq!(fixture.sent_count(), 26);
}

#[test]
fn orders_follow_in_the_same_run_after_a_short_pause() {
    let fixture = Fixture::new();
    // More orders than a run attempts at the same time. The first email meets a limit.
    for address in addresses(12) {
        fixture.place_to(&[&address]);
    }
    *fixture.ports.limits_left.lock().unwrap() = 1;
    let begun = fixture.ports.now();
    assert_eq!(fixture.run_trigger().processed, 12);
    assert_eq!(fixture.sent_count(), 12);
    let took = fixture.ports.now().seconds_apart(begun);
    assert!((2..15).contains(&took), "{took}");
}
