//! A sender whose configuration is wrong. Only the sender of this process simulates it.

use serde_json::{Value, json};
use test_support::{
    Host, TRIGGER_KEY, case, get,
    order::{accepted, await_statuses, order_to},
};

#[case]
async fn configuration_fault_is_an_error_in_the_log_and_in_verbose_health() {
    let host = Host::with(&[("trigger_key", TRIGGER_KEY)]).await;
    let recipients = json!([
        { "emailAddress": "misconfigured-1@example.no" },
        { "emailAddress": "misconfigured-2@example.no" },
    ]);
    let id = accepted(&host, &order_to(recipients)).await;
    await_statuses(&host, &id, &["Failed_TransientError"; 2]).await;

    let log = host.log();
    let lines = log.lines().map(|line| serde_json::from_str(line).unwrap());
    let errors: Vec<Value> = lines
        .filter(|line: &Value| line["level"] == "error")
        .collect();
    assert_eq!(errors.len(), 1, "{log}");
    assert_eq!(errors[0]["event"], "sender misconfigured");
    assert_eq!(errors[0]["order"], id.as_str());
    assert_eq!(errors[0]["reason"], "configuration: simulated");

    let health = get("/health?verbose").bearer(TRIGGER_KEY);
    let answer = health.send(&host).await.expect(503);
    let report: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(report["senderFault"]["reason"], "configuration: simulated");
    host.stop().await;
}
