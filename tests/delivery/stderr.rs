//! Standard error that cannot be written.

use serde_json::json;
use test_hosts::reasons::OUTPUT;
use test_support::{
    case,
    order::{accepted, order_to, settled, statuses},
};

use crate::app::App;

/// Spin's output may be closed, and a write then fails in the component. The log line is lost; the
/// request is not.
#[case]
async fn orders_are_delivered_without_a_log() {
    let app = App::default();
    let host = app.serve_locally(OUTPUT, |options| options.output.broken = true);
    let host = host.await;
    let order = order_to(json!([
        { "emailAddress": "kari@example.no" },
        { "emailAddress": "bounced@example.no" },
    ]));
    for _ in 0..10 {
        let id = accepted(&host, &order).await;
        settled(&host, &id).await;
        assert_eq!(statuses(&host, &id).await, ["Delivered", "Failed_Bounced"]);
    }
    host.stop().await;
}
