//! `GET /order?sendersReference=`

use std::collections::BTreeSet;

use futures::future::join_all;
use local_host::Provider;
use serde_json::json;
use uuid::Uuid;

use crate::support::{
    Host, assert_rows, get,
    host::{PROVIDERS, setup},
    order::{accepted, order_with},
    shared, tokens,
};

#[tokio::test]
async fn a_reference_is_required() {
    let host = shared().await;
    let mut rows = Vec::new();
    for query in [
        "",
        "?",
        "?sendersReference",
        "?sendersReference=",
        "?reference=x",
    ] {
        let call = get(format!("/order{query}")).bearer(tokens::bearer());
        let expected = (400, vec!["sendersReference".to_owned()]);
        rows.push((query, call.send(host).await.outcome(), expected));
    }
    assert_rows(rows);
}

#[tokio::test]
async fn references_match_exactly_whatever_is_in_them() {
    let host = shared().await;
    let unique = Uuid::new_v4();
    let reference = format!("{unique} æøå/?&=+%'\"; DROP");
    let id = accepted(host, &order_with(json!({ "sendersReference": reference }))).await;
    let encoded: String = form_urlencoded::byte_serialize(reference.as_bytes()).collect();
    let find = async |reference: &str| {
        let call = get(format!("/order?SendersReference={reference}")).bearer(tokens::bearer());
        call.send(host).await.expect(200).json()
    };
    let found = find(&encoded).await;
    assert_eq!(found["count"], 1);
    assert_eq!(found["orders"][0]["id"], id.as_str());
    assert_eq!(found["orders"][0]["sendersReference"], reference.as_str());
    for other in [
        encoded.to_uppercase(),
        format!("{encoded}x"),
        unique.to_string(),
    ] {
        assert_eq!(find(&other).await["count"], 0, "{other}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_placed_at_the_same_time_are_all_found_on_every_provider() {
    for provider in [
        Provider::Sqlite,
        Provider::Redis,
        Provider::Cosmos,
        Provider::Dynamo,
    ] {
        let host = Host::local(PROVIDERS, &setup(&[]), |options| {
            options.provider = provider
        });
        let Some(host) = host.await else { return };
        let order = order_with(json!({ "sendersReference": "together" }));
        let placed = join_all((0..32).map(|_| accepted(&host, &order))).await;
        let placed: BTreeSet<String> = placed.into_iter().collect();
        let call = get("/order?sendersReference=together").bearer(tokens::bearer());
        let found = call.send(&host).await.expect(200).json();
        let orders = found["orders"].as_array().unwrap();
        let found: BTreeSet<String> = orders
            .iter()
            .map(|order| order["id"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(found, placed, "{provider:?}");
    }
}
