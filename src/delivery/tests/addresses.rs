//! One notification per address, and pages of a bounded size.

use std::collections::BTreeMap;

use super::fixture::{Fixture, addresses, to};
use crate::{
    delivery::{AttemptResult, SendFailure},
    order::{Contact, Notification, NotificationStatus as S, Order, ProcessingStatus},
    store::PAGE,
};

const KARI: &str = "16069412345";
const COMPANY: &str = "991825827";

fn contact(addresses: &[String], name: &str) -> Contact {
    Contact {
        addresses: addresses.to_vec(),
        name: Some(name.to_owned()),
        reserved: false,
    }
}

fn settle(fixture: &Fixture, order: &Order) {
    assert!(matches!(
        fixture.attempt_ok(order),
        AttemptResult::Settled(_)
    ));
}

fn recipients(notifications: &[Notification]) -> Vec<u32> {
    notifications.iter().map(|one| one.recipient).collect()
}

#[test]
fn repeated_address_is_notified_once_across_pages() {
    let fixture = Fixture::new();
    let mut all = addresses(3 * PAGE);
    all[1] = "FIRST@example.no".to_owned();
    for place in [2, PAGE + 3, 2 * PAGE, 3 * PAGE - 1] {
        all[place] = "First@Example.NO".to_owned();
    }
    let all: Vec<_> = all.iter().map(String::as_str).collect();
    let order = fixture.place_to(&all);
    settle(&fixture, &order);
    let notifications = fixture.notifications(&order);
    assert_eq!(notifications.len(), 3 * PAGE - 4);
    // The first occurrence wins, as it is written.
    assert_eq!(notifications[1].address(&order), "FIRST@example.no");
    assert_eq!(fixture.sent_count_to("FIRST@example.no"), 1);
    assert_eq!(fixture.sent_count_to("First@Example.NO"), 0);
    assert_eq!(fixture.sent_count(), 3 * PAGE - 4);
}

#[test]
fn address_of_several_contacts_is_notified_once() {
    let fixture = Fixture::new();
    let shared = "Post@example.no".to_owned();
    fixture.set_contact(
        COMPANY,
        contact(&["arkiv@example.no".to_owned(), shared], ""),
    );
    fixture.set_contact(KARI, contact(&["post@example.no".to_owned()], "Kari"));
    let order = fixture.place(
        r#"{"organizationNumber":"991825827"},{"organizationNumber":"123456789"},
            {"nationalIdentityNumber":"16069412345"},{"emailAddress":"ARKIV@example.no"},
            {"organizationNumber":"123456789"},{"emailAddress":"a@b.no"}"#,
        "",
    );
    settle(&fixture, &order);
    let notifications = fixture.notifications(&order);
    // Recipients without an address are not merged.
    assert_eq!(recipients(&notifications), [0, 0, 1, 4, 5]);
    assert_eq!(
        fixture.statuses(&order),
        [
            S::Delivered,
            S::Delivered,
            S::RecipientNotIdentified,
            S::RecipientNotIdentified,
            S::Delivered
        ]
    );
    assert_eq!(fixture.sent_count(), 3);
}

#[test]
fn page_that_is_generated_late_repeats_no_address() {
    let fixture = Fixture::new();
    let mut others = addresses(PAGE);
    others[PAGE - 1] = "kari@example.no".to_owned();
    let others: Vec<_> = others.iter().map(String::as_str).collect();
    let person = format!(r#"{{"nationalIdentityNumber":"{KARI}"}}"#);
    let order = fixture.place(&format!("{person},{}", to(&others)), "");
    fixture.set_contact(KARI, contact(&["KARI@example.no".to_owned()], "Kari"));
    *fixture.ports.is_look_up_failing.lock().unwrap() = true;
    assert_eq!(fixture.attempt_ok(&order), AttemptResult::Postponed);
    assert_eq!(fixture.sent_count_to("kari@example.no"), 1);
    *fixture.ports.is_look_up_failing.lock().unwrap() = false;
    fixture.advance(100);
    settle(&fixture, &order);
    assert_eq!(fixture.sent_count_to("KARI@example.no"), 0);
    assert_eq!(fixture.statuses(&order), vec![S::Delivered; PAGE]);
}

/// Returns the sizes of the stored values of pages.
fn page_sizes(fixture: &Fixture) -> Vec<usize> {
    let memory = fixture.store.state();
    let pages = memory
        .values
        .iter()
        .filter(|(key, _)| key.starts_with("eo:notes:"));
    pages.map(|(_, value)| value.len()).collect()
}

#[test]
fn contact_with_many_addresses_is_sent_in_bounded_pages() {
    let fixture = Fixture::new();
    let many = addresses(330);
    fixture.set_contact(COMPANY, contact(&many, "Eksempel AS"));
    let order = fixture.place(
        r#"{"organizationNumber":"991825827"},{"emailAddress":"last@example.no"}"#,
        "",
    );
    // A page of all these emails would outlive the lease.
    *fixture.ports.send_seconds.lock().unwrap() = 3;
    let mut attempts = 0;
    while fixture.status(&order) != ProcessingStatus::Completed {
        fixture.attempt_ok(&order);
        attempts += 1;
        assert!(attempts < 30, "{}", fixture.sent_count());
    }
    assert_eq!(fixture.statuses(&order), vec![S::Delivered; 331]);
    for address in many.iter().chain([&"last@example.no".to_owned()]) {
        assert_eq!(fixture.sent_count_to(address), 1, "{address}");
    }
    assert_eq!(page_sizes(&fixture).len(), 331_usize.div_ceil(PAGE));
}

#[test]
fn page_is_bounded_in_bytes_whatever_contacts_answer() {
    let fixture = Fixture::new();
    let long: Vec<_> = (0..3 * PAGE)
        .map(|n| format!("{n:02}{}@example.no", "\u{1}".repeat(100_000)))
        .collect();
    let usable = format!("{}@example.no", "x".repeat(100_000));
    let all = [&long[..], &[usable]].concat();
    let name = "\u{1}".repeat(100_000) + "æ";
    fixture.set_contact(COMPANY, contact(&all, &name));
    let order = fixture.place(r#"{"organizationNumber":"991825827"}"#, "");
    settle(&fixture, &order);
    assert_eq!(
        fixture.statuses(&order),
        vec![S::InvalidEmailFormat; 3 * PAGE + 1]
    );
    let sizes = page_sizes(&fixture);
    assert_eq!(sizes.len(), 4);
    assert!(sizes.iter().all(|size| *size <= 100_000), "{sizes:?}");
}

/// Cuts the `nth` write of the first attempt after so many entries.
#[test]
fn crash_of_an_attempt_repeats_no_address_and_loses_none() {
    let mut crashes = 0;
    for (nth, kept) in (0..14).flat_map(|nth| [0, 3, 21, 25].map(|kept| (nth, kept))) {
        let context = format!("write {nth}, {kept} entries");
        let fixture = Fixture::new();
        let many = addresses(2 * PAGE + 5);
        fixture.set_contact(COMPANY, contact(&many, "Eksempel AS"));
        let mut others: Vec<_> = (0..PAGE).map(|n| format!("other{n}@example.no")).collect();
        others.push("3@EXAMPLE.no".to_owned());
        others.push("44@example.no".to_owned());
        let others: Vec<_> = others.iter().map(String::as_str).collect();
        let company = format!(r#"{{"organizationNumber":"{COMPANY}"}}"#);
        let order = fixture.place(&format!("{company},{}", to(&others)), "");
        {
            let mut memory = fixture.store.state();
            memory.writes_before_cut = nth;
            memory.cut_next_write_after = Some(kept);
        }
        crashes += usize::from(fixture.attempt(&order).is_err());
        fixture.store.state().cut_next_write_after = None;
        for _ in 0..6 {
            fixture.advance(60);
            fixture.run_trigger();
        }
        let expected = 3 * PAGE + 5;
        assert_eq!(
            fixture.statuses(&order),
            vec![S::Delivered; expected],
            "{context}"
        );
        let mut counts = BTreeMap::<String, usize>::new();
        for email in fixture.ports.sent.lock().unwrap().iter() {
            *counts.entry(email.to.to_ascii_lowercase()).or_default() += 1;
        }
        assert_eq!(counts.len(), expected, "{context}");
        // At most the results of one part are lost.
        let repeated = counts.values().filter(|count| **count > 1).count();
        assert!(repeated <= PAGE, "{context}: {repeated}");
    }
    assert!(crashes > 30, "{crashes}");
}

#[test]
fn huge_list_of_recipients_takes_a_linear_number_of_calls() {
    let calls_of = |count: usize| {
        let fixture = Fixture::new();
        let all = addresses(count);
        let mut all: Vec<_> = all.iter().map(String::as_str).collect();
        all.extend(all.clone());
        let order = fixture.place_to(&all);
        let transient = SendFailure::Transient("simulated".to_owned());
        fixture.fail_sends("0@example.no", [transient]);
        let before = fixture.store.state().reads;
        assert_eq!(fixture.attempt_ok(&order), AttemptResult::Postponed);
        fixture.advance(100);
        settle(&fixture, &order);
        assert_eq!(fixture.sent_count(), count + 1);
        fixture.store.state().reads - before
    };
    let (few, many) = (calls_of(400), calls_of(1600));
    assert!(many <= 5 * few, "{few} reads, then {many}");
}
