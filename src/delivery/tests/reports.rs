use super::fixture::Fixture;
use crate::{
    delivery::{
        AttemptResult, SendFailure,
        report::{ReportError, Reports},
    },
    order::NotificationStatus as S,
};

/// Stores reports. Returns how many of them changed a status.
fn report(fixture: &Fixture, body: &str) -> usize {
    let Reports::Reports(reports) = Reports::parse(body.as_bytes()).unwrap() else {
        panic!("{body}")
    };
    let (trace, now) = (fixture.context().trace, fixture.context().deadline);
    let stored = reports.iter().map(|report| {
        report
            .store(&fixture.stores, "sandbox", trace, now)
            .unwrap()
    });
    stored.filter(|is_new| *is_new).count()
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
            {{"providerId":"unknown","status":"Delivered"}}]"#,
        first.id, third.id
    );
    report(&fixture, &body);
    // `Delivered` is final.
    assert_eq!(
        fixture.statuses(&order),
        [S::Delivered, S::Bounced, S::Delivered]
    );
    let again = format!(r#"{{"notificationId":"{}","status":"Failed"}}"#, first.id);
    assert_eq!(report(&fixture, &again), 0);
    assert_eq!(fixture.statuses(&order)[0], S::Delivered);
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
        assert_eq!(report(&fixture, &body), 1, "{name}");
        assert_eq!(fixture.statuses(&order), [status], "{name}");
    }
}

#[test]
fn subscription_handshake_returns_its_code() {
    let body = r#"[{"id":"1","eventType":"Microsoft.EventGrid.SubscriptionValidationEvent",
        "data":{"validationCode":"512d38b6","validationUrl":"https://x"}}]"#;
    assert_eq!(
        Reports::parse(body.as_bytes()),
        Ok(Reports::Handshake("512d38b6".to_owned()))
    );
}

#[test]
fn invalid_report_is_an_error() {
    let id = "5f0c1a52-6a0e-8d2f-9c1b-3e7d4a6b8c90";
    for (body, why) in [
        (String::new(), ReportError::Malformed),
        ("{".to_owned(), ReportError::Malformed),
        ("[1]".to_owned(), ReportError::Malformed),
        (
            r#"{"status":"Delivered"}"#.to_owned(),
            ReportError::NoNotification,
        ),
        (
            r#"{"notificationId":"x","status":"Delivered"}"#.to_owned(),
            ReportError::NoNotification,
        ),
        (
            format!(r#"{{"notificationId":"{id}"}}"#),
            ReportError::NoStatus,
        ),
        (
            format!(r#"{{"notificationId":"{id}","status":"Sending"}}"#),
            ReportError::NoStatus,
        ),
        (
            format!(r#"{{"notificationId":"{id}","status":"delivered"}}"#),
            ReportError::NoStatus,
        ),
    ] {
        assert_eq!(Reports::parse(body.as_bytes()), Err(why), "{body}");
    }
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
