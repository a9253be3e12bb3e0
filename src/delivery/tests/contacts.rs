use super::fixture::Fixture;
use crate::{
    delivery::AttemptResult,
    order::{Contact, NotificationStatus as S, ProcessingStatus},
};

const KARI: &str = "16069412345";
const RESERVED: &str = "02056260016";
const COMPANY: &str = "991825827";

const EVERYONE: &str = r#"{"emailAddress":"a@b.no"},
    {"nationalIdentityNumber":"16069412345"},
    {"nationalIdentityNumber":"02056260016"},
    {"nationalIdentityNumber":"11111111111"},
    {"organizationNumber":"991825827"}"#;

fn contact(addresses: &[&str], name: Option<&str>) -> Contact {
    Contact {
        addresses: addresses
            .iter()
            .map(|&address| address.to_owned())
            .collect(),
        name: name.map(str::to_owned),
        reserved: false,
    }
}

fn fixture() -> Fixture {
    let fixture = Fixture::new();
    fixture.set_contact(KARI, contact(&["kari@example.no"], Some("Kari Nordmann")));
    fixture.set_contact(
        RESERVED,
        Contact {
            reserved: true,
            ..contact(&["reserved@example.no"], None)
        },
    );
    let addresses = [
        "post@example.no",
        "arkiv@example.no",
        "post@example.no",
        "none",
    ];
    fixture.set_contact(COMPANY, contact(&addresses, Some("Eksempel AS")));
    fixture
}

#[test]
fn page_has_a_notification_per_address_and_per_recipient_without_one() {
    let fixture = fixture();
    let order = fixture.place(EVERYONE, "");
    assert!(matches!(
        fixture.attempt_ok(&order),
        AttemptResult::Settled(_)
    ));
    let notifications = fixture.notifications(&order);
    let all: Vec<_> = notifications
        .iter()
        .map(|n| (n.recipient, n.address.as_deref(), n.status))
        .collect();
    assert_eq!(
        all,
        [
            (0, None, S::Delivered),
            (1, Some("kari@example.no"), S::Delivered),
            (2, Some(""), S::RecipientReserved),
            (3, Some(""), S::RecipientNotIdentified),
            (4, Some("arkiv@example.no"), S::Delivered),
            (4, Some("none"), S::InvalidEmailFormat),
            (4, Some("post@example.no"), S::Delivered),
        ]
    );
    assert_eq!(fixture.sent_count(), 4);
    assert_eq!(*fixture.ports.looked_up_count.lock().unwrap(), 4);
}

#[test]
fn keywords_are_replaced_for_recipients_that_were_looked_up() {
    let fixture = fixture();
    fixture.attempt_ok(&fixture.place(EVERYONE, ""));
    let sent = fixture.ports.sent.lock().unwrap();
    let texts = |address| {
        let email = sent.iter().find(|email| email.to == address).unwrap();
        (email.subject.as_str(), email.body.as_str())
    };
    assert_eq!(
        texts("a@b.no"),
        ("Hei $recipientName$", "Nr. $recipientNumber$")
    );
    assert_eq!(texts("kari@example.no"), ("Hei Kari Nordmann", "Nr. "));
    assert_eq!(
        texts("arkiv@example.no"),
        ("Hei Eksempel AS", "Nr. 991825827")
    );
}

#[test]
fn reserved_person_is_notified_if_the_order_ignores_reservations() {
    let fixture = fixture();
    let recipient = r#"{"nationalIdentityNumber":"02056260016"}"#;
    for (ignore, sent) in [("false", 0), ("null", 0), ("true", 1)] {
        let members = format!(r#","ignoreReservation":{ignore}"#);
        fixture.attempt_ok(&fixture.place(recipient, &members));
        assert_eq!(
            fixture.sent_count_to("reserved@example.no"),
            sent,
            "{ignore}"
        );
    }
}

#[test]
fn failed_look_up_is_retried_without_delaying_other_pages() {
    let fixture = fixture();
    let mut recipients = super::fixture::addresses(25);
    let to: Vec<_> = recipients.iter().map(String::as_str).collect();
    let order = fixture.place(
        &format!(
            r#"{{"nationalIdentityNumber":"{KARI}"}},{}"#,
            super::fixture::to(&to)
        ),
        "",
    );
    *fixture.ports.is_look_up_failing.lock().unwrap() = true;
    assert_eq!(fixture.attempt_ok(&order), AttemptResult::Postponed);
    // The second page needs no contacts.
    assert_eq!(fixture.sent_count(), 6);
    *fixture.ports.is_look_up_failing.lock().unwrap() = false;
    fixture.advance(100);
    assert!(matches!(
        fixture.attempt_ok(&order),
        AttemptResult::Settled(_)
    ));
    assert_eq!(fixture.statuses(&order), vec![S::Delivered; 26]);
    recipients.push("kari@example.no".to_owned());
    for address in recipients {
        assert_eq!(fixture.sent_count_to(&address), 1, "{address}");
    }
}

#[test]
fn failing_look_up_is_given_up_after_two_days() {
    let fixture = fixture();
    let order = fixture.place(EVERYONE, "");
    *fixture.ports.is_look_up_failing.lock().unwrap() = true;
    fixture.advance(48 * 60 * 60);
    assert!(matches!(
        fixture.attempt_ok(&order),
        AttemptResult::Settled(_)
    ));
    assert_eq!(
        fixture.statuses(&order),
        [S::Delivered, S::Failed, S::Failed, S::Failed, S::Failed]
    );
}

#[test]
fn order_without_any_address_completes_without_an_email() {
    let fixture = Fixture::new();
    let order = fixture.place(r#"{"organizationNumber":"123456789"}"#, "");
    assert!(matches!(
        fixture.attempt_ok(&order),
        AttemptResult::Settled(_)
    ));
    assert_eq!(fixture.statuses(&order), [S::RecipientNotIdentified]);
    assert_eq!(fixture.status(&order), ProcessingStatus::Completed);
    assert_eq!(fixture.sent_count(), 0);
}

#[test]
fn stored_page_is_not_generated_again() {
    let fixture = fixture();
    let order = fixture.place(EVERYONE, "");
    let failure = crate::delivery::SendFailure::Transient("simulated".to_owned());
    fixture.fail_sends("kari@example.no", [failure]);
    assert_eq!(fixture.attempt_ok(&order), AttemptResult::Postponed);
    fixture.set_contact(KARI, contact(&["other@example.no"], None));
    fixture.advance(100);
    assert!(matches!(
        fixture.attempt_ok(&order),
        AttemptResult::Settled(_)
    ));
    assert_eq!(fixture.sent_count_to("kari@example.no"), 2);
    assert_eq!(fixture.sent_count_to("other@example.no"), 0);
}
