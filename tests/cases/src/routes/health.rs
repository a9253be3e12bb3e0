//! `GET /health`

use std::time::Duration;

use http::header;
use serde_json::{Value, json};
use test_support::{
    Call, Host, TRIGGER_KEY, assert_rows, case, clock, get,
    order::{accepted, order_due_in, trigger},
};

#[case]
async fn health_needs_no_credentials(host: &Host) {
    for call in [
        get("/health"),
        get("/health/"),
        get("/HEALTH"),
        get("/health?x=1"),
        get("/health").bearer("garbage"),
        get("/health").platform("garbage"),
        get("/health").header("accept", "application/json"),
    ] {
        let answer = call.send(host).await.expect(200);
        let content_type = answer.header(header::CONTENT_TYPE).unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default();
        assert_eq!(essence.trim(), "text/plain", "{answer}");
        assert_eq!(answer.body, "Healthy", "{answer}");
    }
}

#[case]
async fn head_of_health_has_no_body(host: &Host) {
    let get = get("/health").send(host).await.expect(200);
    let head = Call::new("HEAD", "/health").send(host).await.expect(200);
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
        assert_eq!(head.header(&name), get.header(&name), "{head}");
    }
}

fn verbose() -> Call {
    get("/health?verbose")
}

/// Gets the report.
async fn report(host: &Host) -> Value {
    let call = verbose().bearer(TRIGGER_KEY);
    call.send(host).await.expect(200).json()
}

#[case]
async fn verbose_health_without_the_trigger_key_is_refused() {
    let host = Host::with(&[("trigger_key", TRIGGER_KEY)]).await;
    let mut rows = Vec::new();
    for (name, call, status) in [
        ("the key", verbose().bearer(TRIGGER_KEY), 200),
        ("no key", verbose(), 401),
        ("another key", verbose().bearer("x"), 401),
    ] {
        rows.push((name, call.send(&host).await.outcome().0, status));
    }
    assert_rows(rows);
    let host = Host::with(&[]).await;
    verbose()
        .bearer("x")
        .send(&host)
        .await
        .expect(403)
        .problem();
}

#[case]
async fn verbose_health_reports_configuration_and_last_run() {
    let host = Host::with(&[("trigger_key", TRIGGER_KEY)]).await;
    let before = report(&host).await;
    assert_eq!(before["oldestOverdueSeconds"], 0);
    assert_eq!(before.get("lastRun"), None, "{before}");
    let checks = before["configuration"].as_array().expect("a list");
    let is_usable = |check: &Value| check["usable"] == true;
    assert!(
        !checks.is_empty() && checks.iter().all(is_usable),
        "{before}"
    );

    trigger().send(&host).await.expect(200);
    let mut run = report(&host).await["lastRun"].clone();
    assert!(run["at"].take().is_string(), "{run}");
    let expected = json!({ "at": null, "due": 0, "processed": 0, "more": false });
    assert_eq!(run, expected);
}

#[case]
async fn verbose_health_with_an_invalid_variable_is_503() {
    let variables = [
        ("trigger_key", TRIGGER_KEY),
        ("default_from_address", "nobody"),
    ];
    let host = Host::with(&variables).await;
    let call = verbose().bearer(TRIGGER_KEY);
    let problem = call.send(&host).await.expect(503).problem();
    assert!(
        problem.detail.contains("default_from_address"),
        "{problem:?}"
    );
    get("/health").send(&host).await.expect(200);
}

#[case]
async fn verbose_health_with_an_overdue_order_is_503() {
    let host = Host::with(&[("trigger_key", TRIGGER_KEY)]).await;
    accepted(&host, &order_due_in(5)).await;
    clock::pass(Duration::from_mins(14)).await;
    report(&host).await;
    clock::pass(Duration::from_mins(3)).await;
    let call = verbose().bearer(TRIGGER_KEY);
    call.send(&host).await.expect(503).problem();
    trigger().send(&host).await.expect(200);
    report(&host).await;
}
