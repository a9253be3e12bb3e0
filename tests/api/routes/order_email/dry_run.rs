//! `?dryRun=true`: every check, and nothing stored.

use local_host::Call as HostCall;
use serde_json::json;

use crate::support::{
    Host, assert_rows, get,
    order::{ORDER_EMAIL, order, order_to, order_with},
    post, shared, tokens,
};

#[tokio::test]
async fn a_dry_run_answers_as_the_order_would_be() {
    let host = shared().await;
    let person = order_to(json!([{ "nationalIdentityNumber": "16069412345" }]));
    let wrong = order_with(json!({ "recipients": [] }));
    let dry = |query: &str| post(format!("{ORDER_EMAIL}?{query}"));
    let mut rows = Vec::new();
    for (name, call, expected) in [
        (
            "good",
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
            "wrong",
            dry("dryRun=true").bearer(tokens::bearer()).json(&wrong),
            (400, vec!["Recipients"]),
        ),
        (
            "no flag",
            dry("dryRun=maybe").bearer(tokens::bearer()).json(&order()),
            (400, vec!["dryRun"]),
        ),
        (
            "off",
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

#[tokio::test]
async fn a_dry_run_stores_nothing() {
    let Some(host) = Host::with(&[]).await else {
        return;
    };
    let order = order();
    let call = post(format!("{ORDER_EMAIL}?dryRun=true")).bearer(tokens::bearer());
    let call = call.header("Idempotency-Key", "a").json(&order);
    let answer = call.send(&host).await.expect(200);
    assert_eq!(answer.header("location"), None);
    if let Some(server) = host.server() {
        let calls = server.calls();
        let writes = calls.get(HostCall::SetMany) + calls.get(HostCall::Increment);
        assert_eq!(writes, 0);
    }
    let reference = order["sendersReference"].as_str().unwrap();
    let find = get(format!("/order?sendersReference={reference}")).bearer(tokens::bearer());
    assert_eq!(find.send(&host).await.expect(200).json()["count"], 0);
}
