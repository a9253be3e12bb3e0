//! `traceparent` (W3C Trace Context): a valid one is continued, else a trace starts.

use std::collections::BTreeSet;

use test_support::{Host, case, get};

/// Returns the trace id of a 404 to a request with this `traceparent`.
async fn trace_id(host: &Host, traceparent: Option<&str>) -> String {
    let answer = get("/x").traceparent(traceparent).send(host).await;
    answer.problem().trace_id
}

#[case]
async fn valid_traceparent_is_continued_with_a_new_span(host: &Host) {
    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const PARENT: &str = "00f067aa0ba902b7";
    for flags in ["01", "00"] {
        let trace_id = trace_id(host, Some(&format!("00-{ID}-{PARENT}-{flags}"))).await;
        let parts: Vec<_> = trace_id.split('-').collect();
        assert_eq!(parts[1], ID);
        assert_ne!(parts[2], PARENT, "a new span");
    }
}

#[case]
async fn missing_traceparent_starts_a_trace(host: &Host) {
    let mut ids = BTreeSet::new();
    for _ in 0..5 {
        ids.insert(
            trace_id(host, None)
                .await
                .split('-')
                .nth(1)
                .unwrap()
                .to_owned(),
        );
    }
    assert_eq!(ids.len(), 5);
}

#[case]
async fn invalid_traceparent_starts_a_trace(host: &Host) {
    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    for traceparent in [
        "",
        "x",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00F067AA0BA902B7-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
        "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-<script>alert(1)</script>aaaaaaa-00f067aa0ba902b7-01",
    ] {
        let trace_id = trace_id(host, Some(traceparent)).await;
        assert!(
            !trace_id.to_lowercase().contains(ID),
            "{traceparent}: {trace_id}"
        );
    }
}
