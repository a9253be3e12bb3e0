//! `?dryRun=true` checks an order and stores nothing.

use serde_json::json;
use test_support::{
    Host, assert_rows, case, empty_state, get,
    order::{ORDER_EMAIL, order, order_to, order_with},
    post, setup, tokens,
};

#[case]
async fn dry_run_answers_as_the_order_would(host: &Host) {
    let person = order_to(json!([{ "nationalIdentityNumber": "16069412345" }]));
    let invalid = order_with(json!({ "recipients": [] }));
    let dry = |query: &str| post(format!("{ORDER_EMAIL}?{query}"));
    let mut rows = Vec::new();
    for (name, call, expected) in [
        (
            "valid",
            dry("dryRun=true").bearer(tokens::bearer()).json(&order()),
            (200, vec![]),
        ),
        (
            "any case",
            dry("DRYRUN=True").bearer(tokens::bearer()).json(&order()),
            (200, vec![]),
        ),
        ("no token", dry("dryRun=true").json(&order()), (401, vec![])),
        (
            "invalid",
            dry("dryRun=true").bearer(tokens::bearer()).json(&invalid),
            (400, vec!["Recipients"]),
        ),
        (
            "neither true nor false",
            dry("dryRun=maybe").bearer(tokens::bearer()).json(&order()),
            (400, vec!["dryRun"]),
        ),
        (
            "false",
            dry("dryRun=false").bearer(tokens::bearer()).json(&order()),
            (202, vec![]),
        ),
    ] {
        let expected = (
            expected.0,
            expected.1.into_iter().map(str::to_owned).collect(),
        );
        rows.push((name, call.send(host).await.outcome(), expected));
    }
    assert_rows(rows);

    let lookup = dry("dryRun=true").bearer(tokens::bearer()).json(&person);
    let lookup = lookup.send(host).await.expect(200).json();
    assert_eq!(
        lookup,
        json!({ "recipientLookup": {
            "status": "Failed", "isReserved": [], "missingContact": ["16069412345"],
        } })
    );
}

#[case]
async fn dry_run_stores_nothing() {
    let state = empty_state();
    let host = Host::start(setup(&[]).on(&state)).await;
    let order = order();
    let call = post(format!("{ORDER_EMAIL}?dryRun=true")).bearer(tokens::bearer());
    let call = call.header("Idempotency-Key", "a").json(&order);
    let answer = call.send(&host).await.expect(200);
    assert_eq!(answer.header("location"), None);
    let reference = order["sendersReference"].as_str().unwrap();
    let find = get(format!("/order?sendersReference={reference}")).bearer(tokens::bearer());
    assert_eq!(find.send(&host).await.expect(200).json()["count"], 0);
    host.stop().await;
    let rows = state.rows();
    assert!(rows.is_empty(), "{:?}", rows.keys());
}
