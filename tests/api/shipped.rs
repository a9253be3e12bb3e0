//! The application as it is shipped: no variable is set, and the host has its defaults.

use serde_json::json;
use test_hosts::{Host, Launch, MANIFEST};
use test_support::{
    Call, assert_rows, case, get,
    order::{ORDER_EMAIL, order},
    post, tokens,
};

const ID: &str = "0b8f6b1e-58f6-4b5e-9a3a-0c6a4f5f7f10";

#[case]
async fn shipped_application_serves_every_route_and_trusts_no_token() {
    let host = Host::start(&Launch::new(MANIFEST)).await;
    let order_calls = |orders: &str, order_email: &str, trigger: &str| {
        [
            post(order_email).json(&order()),
            post(order_email).bearer(tokens::bearer()).json(&order()),
            post(order_email)
                .platform(tokens::platform())
                .json(&order()),
            get(format!("{orders}?sendersReference=x")),
            get(format!("{orders}/{ID}")),
            get(format!("{orders}/{ID}/status")),
            get(format!("{orders}/{ID}/notifications/email")),
            Call::new("PUT", format!("{orders}/{ID}/cancel")),
        ]
        .map(|call| (call, 401))
        .into_iter()
        .chain([(post(trigger).bearer("x"), 403)])
    };
    let of_clients = "/notifications/api/v1";
    let report = json!({ "providerId": "x", "status": "Delivered" });
    let calls = [
        (get("/health"), 200),
        (get("/openapi.json"), 200),
        (get("/docs"), 200),
        (get("/dev/mail"), 404),
        (post("/delivery-report/acs").bearer("x").json(&report), 403),
        (get("/x"), 404),
    ]
    .into_iter()
    .chain(order_calls("/order", ORDER_EMAIL, "/trigger/pastdueorders"))
    .chain(order_calls(
        &format!("{of_clients}/orders"),
        &format!("{of_clients}/orders/email"),
        &format!("{of_clients}/trigger/pastdueorders"),
    ));
    let mut rows = Vec::new();
    for (call, status) in calls {
        let answer = call.send(&host).await;
        rows.push((answer.call.clone(), answer.status.as_u16(), status));
    }
    assert_rows(rows);
    host.stop().await;
}
