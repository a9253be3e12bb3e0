//! Failed notifications that are delivered again.

use futures_executor::block_on;
use futures_util::future::join;

use super::fixture::{Fixture, addresses};
use crate::{
    delivery::{AttemptResult, InitialLease, Redelivery, SendFailure, report::Reports},
    order::{Contact, NotificationId, NotificationStatus as S, Order, ProcessingStatus},
};

fn begin(fixture: &Fixture, order: &Order) -> InitialLease {
    match block_on(fixture.context().redeliver(order)).unwrap() {
        Redelivery::Begun(lease) => lease,
        other => panic!("{other:?}"),
    }
}

fn complete(fixture: &Fixture, order: &Order, lease: InitialLease) {
    let attempt = block_on(fixture.context().attempt_leased(order, lease));
    let completed = AttemptResult::Settled(ProcessingStatus::Completed);
    assert_eq!(attempt.unwrap(), completed);
}

fn ids(fixture: &Fixture, order: &Order) -> Vec<NotificationId> {
    let all = fixture.notifications(order);
    all.iter().map(|notification| notification.id).collect()
}

fn rejected() -> SendFailure {
    SendFailure::Rejected("simulated".to_owned())
}

fn report(fixture: &Fixture, id: NotificationId, status: &str) {
    let body = format!(r#"{{"notificationId":"{id}","status":"{status}"}}"#);
    let Some(Reports::Items(items)) = Reports::parse(body.as_bytes()) else {
        panic!("{body}")
    };
    let (trace, now) = (fixture.context().trace, fixture.context().deadline);
    for item in items {
        let stored = item.unwrap().store(&fixture.stores, "own", trace, now);
        assert!(stored.unwrap());
    }
}

#[test]
fn failed_notifications_are_sent_again_with_the_same_ids() {
    let fixture = Fixture::new();
    let mut all = addresses(45);
    all[1] = "accepted@example.no".to_owned();
    let all: Vec<_> = all.iter().map(String::as_str).collect();
    let order = fixture.place_to(&all);
    fixture.fail_sends("0@example.no", [rejected()]);
    fixture.fail_sends("44@example.no", [rejected()]);
    fixture.attempt_ok(&order);
    let before = ids(&fixture, &order);
    report(&fixture, before[1], "Failed_Bounced");
    assert_eq!(fixture.statuses(&order)[..2], [S::Failed, S::Bounced]);

    let lease = begin(&fixture, &order);
    assert_eq!(
        fixture.statuses(&order)[..3],
        [S::New, S::New, S::Delivered]
    );
    assert_eq!(fixture.status(&order), ProcessingStatus::Processing);
    complete(&fixture, &order, lease);
    // The report of the first delivery does not count for the second.
    let statuses = fixture.statuses(&order);
    assert_eq!(statuses[..2], [S::Delivered, S::Succeeded]);
    assert_eq!(statuses[2..], vec![S::Delivered; 43]);
    assert_eq!(ids(&fixture, &order), before);
    assert_eq!(fixture.sent_count(), 48);
    let sent = fixture.ports.sent.lock().unwrap();
    let of = |address: &str| -> Vec<_> {
        let emails = sent.iter().filter(|email| email.to == address);
        emails.map(|email| email.notification).collect()
    };
    assert_eq!(of("0@example.no"), [before[0]; 2]);
    drop(sent);
    // A report of the second delivery counts.
    report(&fixture, before[1], "Failed_Quarantined");
    assert_eq!(fixture.statuses(&order)[1], S::Quarantined);
}

#[test]
fn notification_without_an_address_is_not_sent_again() {
    let fixture = Fixture::new();
    let contact = Contact {
        addresses: vec!["none".to_owned(), format!("a@{}.no", "b.".repeat(200))],
        ..Contact::default()
    };
    fixture.set_contact("991825827", contact);
    let recipients = r#"{"organizationNumber":"991825827"},{"organizationNumber":"123456789"}"#;
    let order = fixture.place(recipients, "");
    fixture.attempt_ok(&order);
    let redelivery = block_on(fixture.context().redeliver(&order)).unwrap();
    assert!(matches!(redelivery, Redelivery::Nothing), "{redelivery:?}");
    assert_eq!(fixture.status(&order), ProcessingStatus::Completed);
}

#[test]
fn order_that_is_not_completed_is_not_delivered_again() {
    let fixture = Fixture::new();
    let order = fixture.place_to(&["a@b.no"]);
    let is_refused = || {
        let redelivery = block_on(fixture.context().redeliver(&order)).unwrap();
        matches!(redelivery, Redelivery::NotCompleted)
    };
    assert!(is_refused());
    fixture.fail_sends(
        "a@b.no",
        [SendFailure::Transient("simulated".to_owned()), rejected()],
    );
    assert_eq!(fixture.attempt_ok(&order), AttemptResult::Postponed);
    assert!(is_refused());
    fixture.advance(100);
    fixture.attempt_ok(&order);
    let lease = begin(&fixture, &order);
    assert!(is_refused());
    complete(&fixture, &order, lease);
    assert_eq!(fixture.statuses(&order), [S::Delivered]);
}

#[test]
fn concurrent_redeliveries_send_once() {
    let fixture = Fixture::new();
    let order = fixture.place_to(&["a@b.no"]);
    fixture.fail_sends("a@b.no", [rejected()]);
    fixture.attempt_ok(&order);
    let context = fixture.context();
    let both = join(context.redeliver(&order), context.redeliver(&order));
    let (first, second) = block_on(both);
    let Redelivery::Begun(lease) = first.unwrap() else {
        panic!("the first wins")
    };
    assert!(matches!(second.unwrap(), Redelivery::NotCompleted));
    // A run of the trigger leaves the order alone meanwhile.
    assert_eq!(fixture.run_trigger().processed, 0);
    complete(&fixture, &order, lease);
    assert_eq!(fixture.sent_count_to("a@b.no"), 2);
}

#[test]
fn crash_of_a_redelivery_leaves_an_order_that_completes() {
    for (nth, kept) in (0..8).flat_map(|nth| [0, 1, 12, 25].map(|kept| (nth, kept))) {
        let context = format!("write {nth}, {kept} entries");
        let fixture = Fixture::new();
        let all = addresses(25);
        let all: Vec<_> = all.iter().map(String::as_str).collect();
        let order = fixture.place_to(&all);
        fixture.fail_sends("0@example.no", [rejected()]);
        fixture.fail_sends("24@example.no", [rejected()]);
        fixture.attempt_ok(&order);
        {
            let mut memory = fixture.store.state();
            memory.writes_before_cut = nth;
            memory.cut_next_write_after = Some(kept);
        }
        let redelivered = block_on(fixture.context().redeliver(&order));
        if let Ok(Redelivery::Begun(lease)) = redelivered {
            drop(block_on(fixture.context().attempt_leased(&order, lease)));
        }
        fixture.store.state().cut_next_write_after = None;
        for _ in 0..6 {
            fixture.advance(60);
            fixture.run_trigger();
        }
        let is_completed = fixture.status(&order) == ProcessingStatus::Completed;
        assert!(is_completed, "{context}");
        // What was not sent again can still be.
        let mut again = block_on(fixture.context().redeliver(&order)).unwrap();
        if matches!(again, Redelivery::NotCompleted) {
            // The request that died has won the claim, and may be alive for a minute by its clock.
            fixture.advance(91);
            again = block_on(fixture.context().redeliver(&order)).unwrap();
        }
        match again {
            Redelivery::Begun(lease) => complete(&fixture, &order, lease),
            Redelivery::Nothing => {}
            other => panic!("{context}: {other:?}"),
        }
        assert_eq!(
            fixture.statuses(&order),
            vec![S::Delivered; 25],
            "{context}"
        );
    }
}
