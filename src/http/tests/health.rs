//! `GET /health` and `GET /health?verbose`.

use http::StatusCode;
use serde_json::{Value, json};

use super::{FakeHost, json, send};
use crate::{
    order::{Creator, EmailAddress, NewOrder, OrderId, OrderRequest},
    store::{SenderFault, SenderLimit, Stores},
};
use futures_executor::block_on;

fn report(host: &FakeHost) -> (StatusCode, Value) {
    let (status, body) = send(host, "GET", "/health?verbose", true);
    (status, json(&body))
}

/// Stores an order that is due now.
fn place(host: &FakeHost) {
    let now = *host.now.lock().unwrap();
    let json = r#"{"subject":"s","body":"b","recipients":[{"emailAddress":"a@b.no"}]}"#;
    let request = OrderRequest::parse(json.as_bytes()).unwrap();
    let order = NewOrder::validate(&request, now).unwrap().register(
        OrderId::new(now),
        Creator::new("ttd").unwrap(),
        now,
        EmailAddress::parse("noreply@altinn.cloud").unwrap(),
        None,
    );
    block_on(Stores::new(host.store).orders.insert(&order, now)).unwrap();
}

#[test]
fn health_that_is_not_verbose_needs_no_key() {
    let host = FakeHost::new();
    for uri in ["/health", "/health?verbose=false", "/health?x=verbose"] {
        let answer = send(&host, "GET", uri, false);
        assert_eq!(answer, (StatusCode::OK, "Healthy".to_owned()), "{uri}");
    }
}

#[test]
fn verbose_health_needs_the_trigger_key() {
    let host = FakeHost::new();
    for uri in ["/health?verbose", "/health?VERBOSE=1"] {
        let (status, _) = send(&host, "GET", uri, false);
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{uri}");
    }
    host.set("trigger_key", "");
    let (status, _) = send(&host, "GET", "/health?verbose", true);
    assert_eq!(status, StatusCode::FORBIDDEN);
}

#[test]
fn verbose_health_of_a_new_service_is_good() {
    let (status, report) = report(&FakeHost::new());
    assert_eq!(status, StatusCode::OK, "{report}");
    let usable = |variable: &str| json!({ "variable": variable, "usable": true });
    let expected = json!({
        "configuration": [
            usable("bearer_issuers"),
            usable("platform_issuers"),
            usable("required_scopes"),
            usable("public_base_url"),
            usable("default_from_address"),
            usable("from_addresses"),
            usable("max_body_bytes"),
            usable("log_level"),
            usable("give_up_hours"),
            usable("send_rate"),
        ],
        "oldestOverdueSeconds": 0,
    });
    assert_eq!(report, expected);
}

#[test]
fn verbose_health_names_unusable_variables_and_issuers_and_is_503() {
    for (variable, value, issuer) in [
        ("max_body_bytes", "many", Value::Null),
        ("log_level", "loud", Value::Null),
        ("bearer_issuers", "{", Value::Null),
        (
            "platform_issuers",
            r#"[{"issuer":"a","pem":"garbage"}]"#,
            json!("a"),
        ),
    ] {
        let host = FakeHost::new();
        host.set(variable, value);
        let (status, report) = report(&host);
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{report}");
        let checks = report["configuration"].as_array().unwrap();
        let unusable: Vec<_> = checks
            .iter()
            .filter(|state| state["usable"] == false)
            .collect();
        assert_eq!(unusable.len(), 1, "{report}");
        assert_eq!(unusable[0]["variable"], variable);
        assert_eq!(unusable[0]["issuer"], issuer);
        assert!(unusable[0]["reason"].is_string(), "{report}");
        // It is a problem document, too.
        assert_eq!(report["status"], 503);
        assert!(report["traceId"].is_string() && report["detail"].is_string());
    }
}

#[test]
fn verbose_health_is_503_if_an_order_waits_for_more_than_15_minutes() {
    let host = FakeHost::new();
    place(&host);
    host.pass(29);
    let (status, fresh) = report(&host);
    assert_eq!(
        (status, &fresh["oldestOverdueSeconds"]),
        (StatusCode::OK, &json!(0))
    );
    host.pass(14 * 60);
    let (status, late) = report(&host);
    assert_eq!(
        (status, &late["oldestOverdueSeconds"]),
        (StatusCode::OK, &json!(899))
    );
    host.pass(2);
    let (status, too_late) = report(&host);
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{too_late}");
    assert_eq!(too_late["oldestOverdueSeconds"], 901);
}

#[test]
fn verbose_health_is_503_while_the_sender_is_misconfigured() {
    let host = FakeHost::new();
    let fault = SenderFault {
        at: *host.now.lock().unwrap(),
        reason: "configuration: wrong key".to_owned(),
    };
    let stores = Stores::new(host.store);
    stores.deliveries.set_sender_fault(&fault).unwrap();
    host.pass(79 * 60);
    let (status, faulty) = report(&host);
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{faulty}");
    let expected = json!({ "at": "2026-06-01T12:00:30Z", "reason": "configuration: wrong key" });
    assert_eq!(faulty["senderFault"], expected);
    host.pass(60);
    let (status, over) = report(&host);
    assert_eq!(
        (status, &over["senderFault"]),
        (StatusCode::OK, &Value::Null)
    );
}

#[test]
fn verbose_health_shows_the_last_run_and_the_pause_of_the_sender() {
    let host = FakeHost::new();
    let (status, run) = send(&host, "POST", "/trigger/pastdueorders", true);
    assert_eq!(status, StatusCode::OK, "{run}");
    host.pass(60);
    let until = host.now.lock().unwrap().plus_seconds(30);
    let stores = Stores::new(host.store);
    let limit = SenderLimit { until, rate: 1_000 };
    stores.deliveries.set_sender_limit(limit).unwrap();
    let (_, paused) = report(&host);
    let last_run = json!({
        "at": "2026-06-01T12:00:30Z", "due": 0, "processed": 0, "more": false,
    });
    assert_eq!(paused["lastRun"], last_run);
    assert_eq!(paused["senderPausedUntil"], "2026-06-01T12:02:00Z");
    host.pass(30);
    let (_, over) = report(&host);
    assert_eq!(over["senderPausedUntil"], Value::Null);
}
