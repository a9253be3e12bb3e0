//! `GET /order?sendersReference=`

use std::collections::BTreeSet;

use futures::future::join_all;
use local_host::Provider;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{
    Host, assert_rows,
    call::Connection,
    get,
    host::{PROVIDERS, setup},
    order::{FAMILIES, LATER, accepted, order_with},
    shared, tokens,
};

/// Places so many orders for later with a reference that no other has.
async fn placed(host: &Host, count: usize) -> (String, Vec<String>) {
    let reference = format!("page & {}", Uuid::new_v4());
    let mut ids = Vec::with_capacity(count);
    for _ in 0..count {
        ids.push(accepted(host, &of_reference(&reference)).await);
    }
    (reference, ids)
}

fn of_reference(reference: &str) -> Value {
    order_with(json!({ "sendersReference": reference, "requestedSendTime": LATER }))
}

/// The first page of a reference's orders.
fn first_page(orders: &str, reference: &str, more: &str) -> String {
    let encoded: String = form_urlencoded::byte_serialize(reference.as_bytes()).collect();
    format!("{orders}?sendersReference={encoded}{more}")
}

/// A page, by a link or a path.
async fn page(host: &Host, target: &str) -> Value {
    let call = get(target).bearer(tokens::bearer());
    call.send(host).await.expect(200).json()
}

fn ids(page: &Value) -> Vec<String> {
    let orders = page["orders"].as_array().expect("orders");
    assert_eq!(page["count"], orders.len(), "{page}");
    let id = |order: &Value| order["id"].as_str().expect("an id").to_owned();
    orders.iter().map(id).collect()
}

/// The ids on every page, by the links from one to the next.
async fn walk(host: &Host, first: String) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut target = Some(first);
    while let Some(at) = target {
        let page = page(host, &at).await;
        pages.push(ids(&page));
        target = page["next"].as_str().map(str::to_owned);
        assert!(pages.len() < 1000, "pages without an end");
    }
    pages
}

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
        let host = Host::local(PROVIDERS, setup(&[]), |options| options.provider = provider);
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

#[tokio::test]
async fn fifty_are_one_answer_the_oldest_first() {
    let host = shared().await;
    let (reference, placed) = placed(host, 50).await;
    let found = page(host, &first_page("/order", &reference, "")).await;
    assert_eq!(ids(&found), placed);
    let members: Vec<&String> = found.as_object().unwrap().keys().collect();
    assert_eq!(members, ["count", "orders"]);
}

#[tokio::test]
async fn more_are_pages() {
    let host = shared().await;
    let (reference, placed) = placed(host, 53).await;
    let all: BTreeSet<String> = placed.into_iter().collect();
    let mut rows = Vec::new();
    for family in FAMILIES {
        for (more, sizes) in [
            ("", vec![50, 3]),
            ("&limit=50", vec![50, 3]),
            ("&limit=100", vec![53]),
            ("&LIMIT=20", vec![20, 20, 13]),
            ("&limit=53", vec![53]),
            ("&limit=52", vec![52, 1]),
        ] {
            let first = first_page(family.orders, &reference, more);
            let pages = walk(host, first.clone()).await;
            let got: Vec<usize> = pages.iter().map(Vec::len).collect();
            rows.push((format!("{first} sizes"), got, sizes));
            let found: BTreeSet<String> = pages.concat().into_iter().collect();
            assert_eq!(found, all, "{first}");
        }
    }
    assert_rows(rows);
    let few = walk(host, first_page("/order", &reference, "&limit=1")).await;
    assert_eq!(few.len(), 53);
    assert_eq!(few.concat().into_iter().collect::<BTreeSet<_>>(), all);
}

#[tokio::test]
async fn a_next_page_is_of_the_same_family_and_has_all_that_selects_it() {
    let host = shared().await;
    let (reference, _) = placed(host, 3).await;
    for family in FAMILIES {
        let first = first_page(family.orders, &reference, "&limit=2");
        let found = page(host, &first).await;
        let next = found["next"].as_str().expect("a link");
        let (begin, cursor) = next.rsplit_once("&after=").expect("a cursor");
        assert_eq!(begin, first);
        assert!(!cursor.is_empty() && cursor.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let last = page(host, next).await;
        assert_eq!((&last["count"], last.get("next")), (&json!(1), None));
    }
    let Some(host) = Host::with(&[("public_base_url", "https://api.example.no")]).await else {
        return;
    };
    let (reference, _) = placed(&host, 2).await;
    let found = page(&host, &first_page("/order", &reference, "&limit=1")).await;
    let next = found["next"].as_str().expect("a link");
    let path = next.strip_prefix("https://api.example.no").expect("a base");
    assert_eq!(page(&host, path).await["count"], 1);
}

#[tokio::test]
async fn orders_that_come_meanwhile_hide_none() {
    let host = shared().await;
    let (reference, placed) = placed(host, 20).await;
    let mut found = Vec::new();
    let mut target = Some(first_page("/order", &reference, "&limit=4"));
    while let Some(at) = target {
        let page = page(host, &at).await;
        found.extend(ids(&page));
        target = page["next"].as_str().map(str::to_owned);
        accepted(host, &of_reference(&reference)).await;
    }
    let distinct: BTreeSet<&String> = found.iter().collect();
    assert_eq!(distinct.len(), found.len(), "an order on two pages");
    assert!(placed.iter().all(|id| distinct.contains(id)));
}

#[tokio::test]
async fn what_selects_no_page_is_refused() {
    let host = shared().await;
    let (reference, _) = placed(host, 2).await;
    let (other, _) = placed(host, 2).await;
    let next = async |reference: &str| {
        let found = page(host, &first_page("/order", reference, "&limit=1")).await;
        let next = found["next"].as_str().expect("a link").to_owned();
        next.rsplit_once('=').expect("a cursor").1.to_owned()
    };
    let cursor = next(&reference).await;
    let mut cases = vec![
        ("limit", "limit=0".to_owned()),
        ("limit", "limit=101".to_owned()),
        ("limit", "limit=".to_owned()),
        ("limit", "limit".to_owned()),
        ("limit", "limit=-1".to_owned()),
        ("limit", "limit=%2B1".to_owned()),
        ("limit", "limit=1.5".to_owned()),
        ("limit", "limit=ten".to_owned()),
        ("limit", format!("limit={}", "9".repeat(50))),
        ("after", "after=".to_owned()),
        ("after", "after=x".to_owned()),
        ("after", format!("after={}", Uuid::new_v4())),
        ("after", format!("after={}", "0".repeat(cursor.len()))),
        ("after", format!("after={}", cursor.to_uppercase())),
        ("after", format!("after={cursor}0")),
        ("after", format!("after={}", &cursor[1..])),
        ("after", "after=%FF%00".to_owned()),
    ];
    cases.push(("after", format!("after={}", next(&other).await)));
    let mut rows = Vec::new();
    for (key, query) in cases {
        let target = first_page("/order", &reference, &format!("&{query}"));
        let call = get(target).bearer(tokens::bearer());
        let expected = (400, vec![key.to_owned()]);
        rows.push((query, call.send(host).await.outcome(), expected));
    }
    let nothing = get("/order?limit=0&after=x").bearer(tokens::bearer());
    let expected = (400, vec!["sendersReference".to_owned()]);
    rows.push((
        "no reference".to_owned(),
        nothing.send(host).await.outcome(),
        expected,
    ));
    assert_rows(rows);
}

#[tokio::test]
async fn a_cursor_leads_to_nobody_elses_orders() {
    let host = shared().await;
    let (reference, _) = placed(host, 2).await;
    let found = page(host, &first_page("/order", &reference, "&limit=1")).await;
    let next = found["next"].as_str().expect("a link");
    let call = get(next).bearer(tokens::bearer_of(tokens::OTHER_ORG));
    let found = call.send(host).await.expect(200).json();
    assert_eq!(found, json!({ "count": 0, "orders": [] }));
    get(next).send(host).await.expect(401);
}

/// Hosts bound what a response and an instance may have.
#[tokio::test]
async fn a_page_of_large_orders_is_bounded_in_bytes() {
    let host = shared().await;
    let reference = Uuid::new_v4().to_string();
    let large = order_with(json!({
        "sendersReference": reference, "requestedSendTime": LATER, "body": "x".repeat(240_000),
    }));
    let mut placed = BTreeSet::new();
    for _ in 0..60 {
        placed.insert(accepted(host, &large).await);
    }
    let mut connection = Connection::open(host).await;
    let mut found = BTreeSet::new();
    for limit in ["", "&limit=100"] {
        let mut target = Some(first_page("/order", &reference, limit));
        while let Some(at) = target {
            let call = get(at).bearer(tokens::bearer());
            let answer = connection.send(call).await.expect(200);
            assert!(answer.body.len() < 6_000_000, "{} bytes", answer.body.len());
            let page = answer.json();
            found.extend(ids(&page));
            target = page["next"].as_str().map(str::to_owned);
        }
        assert_eq!(found, placed);
        found.clear();
    }
}
