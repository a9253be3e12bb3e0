use super::fixture::{Fixture, NOW, addresses, at};
use crate::{
    delivery::{AttemptResult, SendFailure},
    order::{NotificationStatus as S, ProcessingStatus},
};

#[test]
fn email_has_the_content_of_the_order() {
    let fixture = Fixture::new();
    let order = fixture.place_to(&["someone@example.no"]);
    assert!(fixture.notifications(&order).is_empty());
    let completed = AttemptResult::Settled(ProcessingStatus::Completed);
    assert_eq!(fixture.attempt_ok(&order), completed);
    assert_eq!(fixture.status(&order), ProcessingStatus::Completed);
    let notifications = fixture.notifications(&order);
    let [notification] = &notifications[..] else {
        panic!("{notifications:?}")
    };
    assert_eq!(notification.status, S::Delivered);
    let sent = fixture.ports.sent.lock().unwrap();
    let [email] = &sent[..] else {
        panic!("{sent:?}")
    };
    assert_eq!(email.notification, notification.id);
    assert_eq!(email.from, "noreply@altinn.cloud");
    assert_eq!(email.to, "someone@example.no");
    // Keywords are replaced only for recipients that were looked up.
    assert_eq!(email.subject, "Hei $recipientName$");
    assert_eq!(email.body, "Nr. $recipientNumber$");
}

#[test]
fn settled_order_is_not_attempted_again() {
    let fixture = Fixture::new();
    let order = fixture.place_to(&["someone@example.no"]);
    fixture.attempt_ok(&order);
    let before = fixture.stores.orders.state(&order).unwrap();
    fixture.advance(1000);
    assert_eq!(fixture.attempt_ok(&order), AttemptResult::Skipped);
    assert_eq!(fixture.stores.orders.state(&order).unwrap(), before);
    assert_eq!(fixture.sent_count(), 1);
}

#[test]
fn order_is_not_attempted_before_its_send_time() {
    let fixture = Fixture::new();
    let members = r#","requestedSendTime":"2026-06-01T12:10:00Z""#;
    let order = fixture.place(r#"{"emailAddress":"a@b.no"}"#, members);
    assert_eq!(fixture.attempt_ok(&order), AttemptResult::NotDue);
    fixture.advance(at("2026-06-01T12:09:59Z").unix_seconds() - at(NOW).unix_seconds());
    assert_eq!(fixture.attempt_ok(&order), AttemptResult::NotDue);
    assert_eq!(fixture.status(&order), ProcessingStatus::Registered);
    fixture.advance(1);
    assert!(matches!(
        fixture.attempt_ok(&order),
        AttemptResult::Settled(_)
    ));
}

#[test]
fn many_recipients_are_sent_in_several_pages() {
    let fixture = Fixture::new();
    let all = addresses(45);
    let all: Vec<_> = all.iter().map(String::as_str).collect();
    let order = fixture.place_to(&all);
    assert!(matches!(
        fixture.attempt_ok(&order),
        AttemptResult::Settled(_)
    ));
    assert_eq!(fixture.statuses(&order), vec![S::Delivered; 45]);
    for address in all {
        assert_eq!(fixture.sent_count_to(address), 1, "{address}");
    }
    let pages = |key: &&String| key.starts_with("eo:notes:");
    assert_eq!(fixture.store.state().values.keys().filter(pages).count(), 3);
}

#[test]
fn attempt_that_runs_out_of_time_is_continued() {
    let fixture = Fixture::new();
    let all = addresses(45);
    let all: Vec<_> = all.iter().map(String::as_str).collect();
    let order = fixture.place_to(&all);
    *fixture.ports.send_seconds.lock().unwrap() = 3;
    assert_eq!(fixture.attempt_ok(&order), AttemptResult::Unfinished);
    assert_eq!(fixture.sent_count(), 20);
    *fixture.ports.send_seconds.lock().unwrap() = 0;
    assert!(matches!(
        fixture.attempt_ok(&order),
        AttemptResult::Settled(_)
    ));
    assert_eq!(fixture.sent_count(), 45);
}

#[test]
fn each_final_failure_has_its_status() {
    let why = || "simulated".to_owned();
    for (failure, status) in [
        (SendFailure::InvalidAddress(why()), S::InvalidEmailFormat),
        (SendFailure::Suppressed(why()), S::SuppressedRecipient),
        (SendFailure::Bounced(why()), S::Bounced),
        (SendFailure::TooLarge(why()), S::Failed),
        (SendFailure::Rejected(why()), S::Failed),
    ] {
        let fixture = Fixture::new();
        let order = fixture.place_to(&["a@b.no", "c@d.no"]);
        fixture.fail_sends("a@b.no", [failure.clone()]);
        assert!(matches!(
            fixture.attempt_ok(&order),
            AttemptResult::Settled(_)
        ));
        assert_eq!(
            fixture.statuses(&order),
            [status, S::Delivered],
            "{failure:?}"
        );
    }
}

#[test]
fn accepted_email_has_status_succeeded() {
    let fixture = Fixture::new();
    let order = fixture.place_to(&["accepted@example.no"]);
    fixture.attempt_ok(&order);
    assert_eq!(fixture.statuses(&order), [S::Succeeded]);
}
