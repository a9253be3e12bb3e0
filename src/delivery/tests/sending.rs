use super::fake_ports::{NOW, Stage, addresses, at};
use crate::{
    delivery::{AttemptResult, SendFailure},
    order::{NotificationStatus as S, ProcessingStatus},
};

#[test]
fn an_email_is_what_was_ordered() {
    let stage = Stage::new();
    let order = stage.place_to(&["someone@example.no"]);
    assert!(stage.notifications(&order).is_empty());
    let completed = AttemptResult::Settled(ProcessingStatus::Completed);
    assert_eq!(stage.attempted(&order), completed);
    assert_eq!(stage.status(&order), ProcessingStatus::Completed);
    let notifications = stage.notifications(&order);
    let [notification] = &notifications[..] else {
        panic!("{notifications:?}")
    };
    assert_eq!(notification.status, S::Delivered);
    let sent = stage.ports.sent.lock().unwrap();
    let [email] = &sent[..] else {
        panic!("{sent:?}")
    };
    assert_eq!(email.notification, notification.id);
    assert_eq!(email.from, "noreply@altinn.cloud");
    assert_eq!(email.to, "someone@example.no");
    // Keywords are for recipients that were looked up.
    assert_eq!(email.subject, "Hei $recipientName$");
    assert_eq!(email.body, "Nr. $recipientNumber$");
}

#[test]
fn nothing_is_done_twice() {
    let stage = Stage::new();
    let order = stage.place_to(&["someone@example.no"]);
    stage.attempted(&order);
    let before = stage.stores.orders.state(&order).unwrap();
    stage.pass(1000);
    assert_eq!(stage.attempted(&order), AttemptResult::Skipped);
    assert_eq!(stage.stores.orders.state(&order).unwrap(), before);
    assert_eq!(stage.sent(), 1);
}

#[test]
fn an_order_is_due_a_minute_ahead() {
    let stage = Stage::new();
    let members = r#","requestedSendTime":"2026-06-01T12:10:00Z""#;
    let order = stage.place(r#"{"emailAddress":"a@b.no"}"#, members);
    assert_eq!(stage.attempted(&order), AttemptResult::NotDue);
    stage.pass(at("2026-06-01T12:08:59Z").unix_seconds() - at(NOW).unix_seconds());
    assert_eq!(stage.attempted(&order), AttemptResult::NotDue);
    assert_eq!(stage.status(&order), ProcessingStatus::Registered);
    stage.pass(1);
    assert!(matches!(stage.attempted(&order), AttemptResult::Settled(_)));
}

#[test]
fn many_recipients_are_several_pages_and_each_is_sent_to_once() {
    let stage = Stage::new();
    let all = addresses(45);
    let all: Vec<_> = all.iter().map(String::as_str).collect();
    let order = stage.place_to(&all);
    assert!(matches!(stage.attempted(&order), AttemptResult::Settled(_)));
    assert_eq!(stage.statuses(&order), vec![S::Delivered; 45]);
    for address in all {
        assert_eq!(stage.sent_to(address), 1, "{address}");
    }
    let pages = |key: &&String| key.starts_with("eo:notes:");
    assert_eq!(stage.store.state().values.keys().filter(pages).count(), 3);
}

#[test]
fn an_attempt_that_runs_out_of_time_leaves_the_rest_to_the_next() {
    let stage = Stage::new();
    let all = addresses(45);
    let all: Vec<_> = all.iter().map(String::as_str).collect();
    let order = stage.place_to(&all);
    *stage.ports.send_seconds.lock().unwrap() = 3;
    assert_eq!(stage.attempted(&order), AttemptResult::Unfinished);
    assert_eq!(stage.sent(), 20);
    *stage.ports.send_seconds.lock().unwrap() = 0;
    assert!(matches!(stage.attempted(&order), AttemptResult::Settled(_)));
    assert_eq!(stage.sent(), 45);
}

#[test]
fn each_failure_has_its_status() {
    let why = || "simulated".to_owned();
    for (failure, status) in [
        (SendFailure::InvalidAddress(why()), S::InvalidEmailFormat),
        (SendFailure::Suppressed(why()), S::SuppressedRecipient),
        (SendFailure::Bounced(why()), S::Bounced),
        (SendFailure::TooLarge(why()), S::Failed),
        (SendFailure::Rejected(why()), S::Failed),
    ] {
        let stage = Stage::new();
        let order = stage.place_to(&["a@b.no", "c@d.no"]);
        stage.fail("a@b.no", [failure.clone()]);
        assert!(matches!(stage.attempted(&order), AttemptResult::Settled(_)));
        assert_eq!(
            stage.statuses(&order),
            [status, S::Delivered],
            "{failure:?}"
        );
    }
}

#[test]
fn what_is_accepted_has_succeeded() {
    let stage = Stage::new();
    let order = stage.place_to(&["accepted@example.no"]);
    stage.attempted(&order);
    assert_eq!(stage.statuses(&order), [S::Succeeded]);
}
