use super::fixture::Fixture;
use crate::{
    delivery::{AttemptResult, SendFailure, report::Reports},
    order::NotificationStatus as S,
};

/// Stores reports. Returns how many of them were accepted and ignored.
fn report(fixture: &Fixture, body: &str) -> (usize, usize) {
    let Some(Reports::Items(items)) = Reports::parse(body.as_bytes()) else {
        panic!("{body}")
    };
    let (trace, now) = (fixture.context().trace, fixture.context().deadline);
    let count = items.len();
    let reports = items.into_iter().filter_map(Result::ok);
    let known = reports.filter(|report| {
        let stored = report.store(&fixture.stores, "sandbox", trace, now);
        stored.unwrap()
    });
    let accepted = known.count();
    (accepted, count - accepted)
}

#[test]
fn report_by_either_id_updates_a_status_that_is_not_final() {
    let fixture = Fixture::new();
    let order = fixture.place_to(&["accepted@example.no", "accepted-2@example.no", "c@d.no"]);
    fixture.attempt_ok(&order);
    let [first, _, third] = &fixture.notifications(&order)[..] else {
        panic!("three")
    };
    let body = format!(
        r#"[{{"notificationId":"{}","status":"Delivered"}},
            {{"providerId":"provider-accepted-2@example.no","status":"Failed_Bounced"}},
            {{"notificationId":"{}","status":"Failed"}},
            {{"providerId":"unknown","status":"Delivered"}}, 1, {{}},
            {{"notificationId":"{}","status":"Lost"}}]"#,
        first.id, third.id, first.id
    );
    assert_eq!(report(&fixture, &body), (3, 4));
    // An email that was delivered can only bounce.
    assert_eq!(
        fixture.statuses(&order),
        [S::Delivered, S::Bounced, S::Delivered]
    );
    let again = format!(r#"{{"notificationId":"{}","status":"Failed"}}"#, first.id);
    assert_eq!(report(&fixture, &again), (1, 0));
    assert_eq!(fixture.statuses(&order)[0], S::Delivered);
    let bounce = again.replace("Failed", "Failed_Bounced");
    assert_eq!(report(&fixture, &bounce), (1, 0));
    assert_eq!(
        fixture.statuses(&order),
        [S::Bounced, S::Bounced, S::Delivered]
    );
}

#[test]
fn bounce_after_the_sender_has_delivered_is_stored() {
    let fixture = Fixture::new();
    let order = fixture.place_to(&["a@b.no"]);
    fixture.attempt_ok(&order);
    assert_eq!(fixture.statuses(&order), [S::Delivered]);
    let bounce = r#"{"providerId":"provider-a@b.no","status":"Failed_Bounced"}"#;
    assert_eq!(report(&fixture, bounce), (1, 0));
    assert_eq!(fixture.statuses(&order), [S::Bounced]);
}

#[test]
fn azure_event_updates_the_status_by_message_id() {
    for (name, status) in [
        ("Delivered", S::Delivered),
        ("Expanded", S::Delivered),
        ("Bounced", S::Bounced),
        ("Failed", S::Failed),
        ("FilteredSpam", S::FilteredSpam),
        ("Quarantined", S::Quarantined),
        ("Suppressed", S::SuppressedRecipient),
    ] {
        let fixture = Fixture::new();
        let order = fixture.place_to(&["accepted@example.no"]);
        fixture.attempt_ok(&order);
        let body = format!(
            r#"[{{"id":"1","topic":"/x","subject":"s","eventType":"Other.Event","data":{{}}}},
                {{"id":"2","topic":"/x","subject":"sender/noreply/message/1","dataVersion":"1.0",
                  "eventType":"Microsoft.Communication.EmailDeliveryReportReceived",
                  "data":{{"sender":"noreply@altinn.cloud","recipient":"accepted@example.no",
                    "messageId":"provider-accepted@example.no","status":"{name}",
                    "deliveryStatusDetails":{{"statusMessage":"x"}},
                    "deliveryAttemptTimestamp":"2026-06-01T12:00:00.0000000+00:00"}}}}]"#
        );
        assert_eq!(report(&fixture, &body), (1, 1), "{name}");
        assert_eq!(fixture.statuses(&order), [status], "{name}");
    }
}

#[test]
fn subscription_handshake_returns_its_code() {
    let body = r#"[{"id":"1","eventType":"Microsoft.EventGrid.SubscriptionValidationEvent",
        "data":{"validationCode":"512d38b6","validationUrl":"https://x"}}]"#;
    assert_eq!(
        Reports::parse(body.as_bytes()),
        Some(Reports::Handshake("512d38b6".to_owned()))
    );
}

#[test]
fn cloud_event_updates_the_status_by_message_id() {
    const DELIVERY: &str = "Microsoft.Communication.EmailDeliveryReportReceived";
    let fixture = Fixture::new();
    let order = fixture.place_to(&["accepted@example.no"]);
    fixture.attempt_ok(&order);
    let event = |version: &str, kind: &str| {
        format!(
            r#"{{"specversion":"{version}","id":"1","source":"/x","type":"{kind}","data":
                {{"messageId":"provider-accepted@example.no","status":"Quarantined"}}}}"#
        )
    };
    let batch = [event("0.3", DELIVERY), event("1.0", "Other")].join(",");
    assert_eq!(report(&fixture, &format!("[{batch}]")), (0, 2));
    assert_eq!(fixture.statuses(&order), [S::Succeeded]);
    assert_eq!(report(&fixture, &event("1.0", DELIVERY)), (1, 0));
    assert_eq!(fixture.statuses(&order), [S::Quarantined]);
}

#[test]
fn body_of_no_known_form_is_an_error() {
    let id = "5f0c1a52-6a0e-8d2f-9c1b-3e7d4a6b8c90";
    for body in [
        "",
        "{",
        "1",
        "null",
        r#""x""#,
        "[1",
        "[1] x",
        "{}",
        r#"{"status":"Delivered"}"#,
        r#"{"specversion":"2.0","type":"x"}"#,
        "\u{feff}[]",
    ] {
        assert_eq!(Reports::parse(body.as_bytes()), None, "{body}");
    }
    for body in [
        "[1]".to_owned(),
        "[{}]".to_owned(),
        r#" {"notificationId":"x","status":"Delivered"} "#.to_owned(),
        r#"{"notificationId":null,"status":"Delivered"}"#.to_owned(),
        format!(r#"{{"notificationId":"{id}"}}"#),
        format!(r#"{{"notificationId":"{id}","status":"Sending"}}"#),
        format!(r#"{{"notificationId":"{id}","status":"delivered"}}"#),
        r#"{"eventType":"Other.Event","data":"x"}"#.to_owned(),
    ] {
        let Some(Reports::Items(items)) = Reports::parse(body.as_bytes()) else {
            panic!("{body}")
        };
        assert!(matches!(items[..], [Err(_)]), "{body}");
    }
    assert_eq!(Reports::parse(b"[]"), Some(Reports::Items(Vec::new())));
}

#[test]
fn notification_that_is_reported_delivered_is_not_sent_again() {
    let fixture = Fixture::new();
    let order = fixture.place_to(&["a@b.no"]);
    fixture.fail_sends("a@b.no", [SendFailure::Transient("no answer".to_owned())]);
    assert_eq!(fixture.attempt_ok(&order), AttemptResult::Postponed);
    let id = fixture.notifications(&order)[0].id;
    report(
        &fixture,
        &format!(r#"{{"notificationId":"{id}","status":"Delivered"}}"#),
    );
    fixture.advance(100);
    assert!(matches!(
        fixture.attempt_ok(&order),
        AttemptResult::Settled(_)
    ));
    assert_eq!(
        (fixture.sent_count(), fixture.statuses(&order)),
        (1, vec![S::Delivered])
    );
}
