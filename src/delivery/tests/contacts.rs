use super::fake_ports::Stage;
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

fn stage() -> Stage {
    let stage = Stage::new();
    stage.know(KARI, contact(&["kari@example.no"], Some("Kari Nordmann")));
    stage.know(
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
    stage.know(COMPANY, contact(&addresses, Some("Eksempel AS")));
    stage
}

#[test]
fn there_is_a_notification_for_each_address_and_for_each_who_has_none() {
    let stage = stage();
    let order = stage.place(EVERYONE, "");
    assert!(matches!(stage.attempted(&order), AttemptResult::Settled(_)));
    let notifications = stage.notifications(&order);
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
    assert_eq!(stage.sent(), 4);
    assert_eq!(*stage.ports.looked_up.lock().unwrap(), 4);
}

#[test]
fn keywords_are_replaced_for_whom_was_looked_up() {
    let stage = stage();
    stage.attempted(&stage.place(EVERYONE, ""));
    let sent = stage.ports.sent.lock().unwrap();
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
fn a_reservation_can_be_ignored() {
    let stage = stage();
    let recipient = r#"{"nationalIdentityNumber":"02056260016"}"#;
    for (ignore, sent) in [("false", 0), ("null", 0), ("true", 1)] {
        let members = format!(r#","ignoreReservation":{ignore}"#);
        stage.attempted(&stage.place(recipient, &members));
        assert_eq!(stage.sent_to("reserved@example.no"), sent, "{ignore}");
    }
}

#[test]
fn a_look_up_that_fails_is_repeated_and_others_do_not_wait_for_it() {
    let stage = stage();
    let mut recipients = super::fake_ports::addresses(25);
    let to: Vec<_> = recipients.iter().map(String::as_str).collect();
    let order = stage.place(
        &format!(
            r#"{{"nationalIdentityNumber":"{KARI}"}},{}"#,
            super::fake_ports::to(&to)
        ),
        "",
    );
    *stage.ports.contacts_fail.lock().unwrap() = true;
    assert_eq!(stage.attempted(&order), AttemptResult::Postponed);
    // The second page needs no contacts.
    assert_eq!(stage.sent(), 6);
    *stage.ports.contacts_fail.lock().unwrap() = false;
    stage.pass(100);
    assert!(matches!(stage.attempted(&order), AttemptResult::Settled(_)));
    assert_eq!(stage.statuses(&order), vec![S::Delivered; 26]);
    recipients.push("kari@example.no".to_owned());
    for address in recipients {
        assert_eq!(stage.sent_to(&address), 1, "{address}");
    }
}

#[test]
fn a_look_up_that_never_works_is_given_up() {
    let stage = stage();
    let order = stage.place(EVERYONE, "");
    *stage.ports.contacts_fail.lock().unwrap() = true;
    stage.pass(48 * 60 * 60);
    assert!(matches!(stage.attempted(&order), AttemptResult::Settled(_)));
    assert_eq!(
        stage.statuses(&order),
        [S::Delivered, S::Failed, S::Failed, S::Failed, S::Failed]
    );
}

#[test]
fn an_order_to_nobody_is_completed_without_an_email() {
    let stage = Stage::new();
    let order = stage.place(r#"{"organizationNumber":"123456789"}"#, "");
    assert!(matches!(stage.attempted(&order), AttemptResult::Settled(_)));
    assert_eq!(stage.statuses(&order), [S::RecipientNotIdentified]);
    assert_eq!(stage.status(&order), ProcessingStatus::Completed);
    assert_eq!(stage.sent(), 0);
}

#[test]
fn pages_that_were_generated_stay_as_they_are() {
    let stage = stage();
    let order = stage.place(EVERYONE, "");
    let failure = crate::delivery::SendFailure::Transient("simulated".to_owned());
    stage.fail("kari@example.no", [failure]);
    assert_eq!(stage.attempted(&order), AttemptResult::Postponed);
    stage.know(KARI, contact(&["other@example.no"], None));
    stage.pass(100);
    assert!(matches!(stage.attempted(&order), AttemptResult::Settled(_)));
    assert_eq!(stage.sent_to("kari@example.no"), 2);
    assert_eq!(stage.sent_to("other@example.no"), 0);
}
