use super::fake_ports::Stage;
use crate::{
    delivery::{
        AttemptResult, SendFailure,
        report::{ReportError, Reports},
    },
    order::NotificationStatus as S,
};

/// Reports to a stage; how many were news.
fn report(stage: &Stage, body: &str) -> usize {
    let Reports::Reports(reports) = Reports::parse(body.as_bytes()).unwrap() else {
        panic!("{body}")
    };
    let (trace, now) = (stage.context().trace, stage.context().deadline);
    let stored = reports
        .iter()
        .map(|report| report.store(&stage.stores, "sandbox", trace, now).unwrap());
    stored.filter(|is_news| *is_news).count()
}

#[test]
fn a_report_by_either_id_changes_what_has_only_succeeded() {
    let stage = Stage::new();
    let order = stage.place_to(&["accepted@example.no", "accepted-2@example.no", "c@d.no"]);
    stage.attempted(&order);
    let [first, _, third] = &stage.notifications(&order)[..] else {
        panic!("three")
    };
    let body = format!(
        r#"[{{"notificationId":"{}","status":"Delivered"}},
            {{"providerId":"provider-accepted-2@example.no","status":"Failed_Bounced"}},
            {{"notificationId":"{}","status":"Failed"}},
            {{"providerId":"unknown","status":"Delivered"}}]"#,
        first.id, third.id
    );
    report(&stage, &body);
    // What was delivered is final.
    assert_eq!(
        stage.statuses(&order),
        [S::Delivered, S::Bounced, S::Delivered]
    );
    let again = format!(r#"{{"notificationId":"{}","status":"Failed"}}"#, first.id);
    assert_eq!(report(&stage, &again), 0);
    assert_eq!(stage.statuses(&order)[0], S::Delivered);
}

#[test]
fn azure_reports_by_message_id() {
    for (name, status) in [
        ("Delivered", S::Delivered),
        ("Expanded", S::Delivered),
        ("Bounced", S::Bounced),
        ("Failed", S::Failed),
        ("FilteredSpam", S::FilteredSpam),
        ("Quarantined", S::Quarantined),
        ("Suppressed", S::SuppressedRecipient),
    ] {
        let stage = Stage::new();
        let order = stage.place_to(&["accepted@example.no"]);
        stage.attempted(&order);
        let body = format!(
            r#"[{{"id":"1","topic":"/x","subject":"s","eventType":"Other.Event","data":{{}}}},
                {{"id":"2","topic":"/x","subject":"sender/noreply/message/1","dataVersion":"1.0",
                  "eventType":"Microsoft.Communication.EmailDeliveryReportReceived",
                  "data":{{"sender":"noreply@altinn.cloud","recipient":"accepted@example.no",
                    "messageId":"provider-accepted@example.no","status":"{name}",
                    "deliveryStatusDetails":{{"statusMessage":"x"}},
                    "deliveryAttemptTimestamp":"2026-06-01T12:00:00.0000000+00:00"}}}}]"#
        );
        assert_eq!(report(&stage, &body), 1, "{name}");
        assert_eq!(stage.statuses(&order), [status], "{name}");
    }
}

#[test]
fn a_subscription_is_confirmed() {
    let body = r#"[{"id":"1","eventType":"Microsoft.EventGrid.SubscriptionValidationEvent",
        "data":{"validationCode":"512d38b6","validationUrl":"https://x"}}]"#;
    assert_eq!(
        Reports::parse(body.as_bytes()),
        Ok(Reports::Handshake("512d38b6".to_owned()))
    );
}

#[test]
fn what_is_no_report_is_refused() {
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
fn what_is_reported_delivered_is_not_sent_again() {
    let stage = Stage::new();
    let order = stage.place_to(&["a@b.no"]);
    stage.fail("a@b.no", [SendFailure::Transient("no answer".to_owned())]);
    assert_eq!(stage.attempted(&order), AttemptResult::Postponed);
    let id = stage.notifications(&order)[0].id;
    report(
        &stage,
        &format!(r#"{{"notificationId":"{id}","status":"Delivered"}}"#),
    );
    stage.pass(100);
    assert!(matches!(stage.attempted(&order), AttemptResult::Settled(_)));
    assert_eq!(
        (stage.sent(), stage.statuses(&order)),
        (1, vec![S::Delivered])
    );
}
