//! `traceparent` (W3C Trace Context): continued if it is one, else a trace begins.

use std::collections::BTreeSet;

use crate::support::{Answer, get, shared};

/// A 404 continues a trace like any other problem.
async fn trace_id(traceparent: Option<&str>) -> String {
    let answer: Answer = get("/x")
        .traceparent(traceparent)
        .send(shared().await)
        .await;
    answer.problem().trace_id
}

#[tokio::test]
async fn a_good_one_is_continued_with_a_span_of_its_own() {
    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const PARENT: &str = "00f067aa0ba902b7";
    for flags in ["01", "00"] {
        let trace_id = trace_id(Some(&format!("00-{ID}-{PARENT}-{flags}"))).await;
        let parts: Vec<_> = trace_id.split('-').collect();
        assert_eq!(parts[1], ID);
        assert_ne!(parts[2], PARENT, "a span of its own");
    }
}

#[tokio::test]
async fn without_one_a_trace_begins() {
    let mut ids = BTreeSet::new();
    for _ in 0..5 {
        ids.insert(trace_id(None).await.split('-').nth(1).unwrap().to_owned());
    }
    assert_eq!(ids.len(), 5);
}

#[tokio::test]
async fn in_place_of_what_is_none_a_trace_begins() {
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
        let trace_id = trace_id(Some(traceparent)).await;
        assert!(
            !trace_id.to_lowercase().contains(ID),
            "{traceparent} is none: {trace_id}"
        );
    }
}
