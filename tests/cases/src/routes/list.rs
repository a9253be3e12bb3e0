//! `GET /order?sendersReference=`

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};
use test_support::{
    Host, assert_rows, case, get,
    order::{FAMILIES, LATER, accepted, order_with},
    tokens,
};
use uuid::Uuid;

/// Places orders for later with a unique reference; returns it and their ids.
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

/// Returns the path of the first page of a reference's orders.
fn first_page(orders: &str, reference: &str, more: &str) -> String {
    let encoded: String = form_urlencoded::byte_serialize(reference.as_bytes()).collect();
    format!("{orders}?sendersReference={encoded}{more}")
}

/// Gets a page.
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

/// Follows the links from page to page; returns the ids on each.
async fn walk(host: &Host, first: String) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut target = Some(first);
    while let Some(at) = target {
        let page = page(host, &at).await;
        pages.push(ids(&page));
        target = page["next"].as_str().map(str::to_owned);
        assert!(pages.len() < 1000, "endless pages");
    }
    pages
}

#[case]
async fn list_without_reference_is_400(host: &Host) {
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

#[case]
async fn references_match_exactly(host: &Host) {
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

#[case]
async fn concurrent_orders_with_one_reference_are_all_found(host: &Host) {
    race_orders_with_one_reference(host).await;
}

/// Places orders with one reference concurrently: the list has all of them.
pub async fn race_orders_with_one_reference(host: &Host) {
    let reference = Uuid::new_v4().to_string();
    let order = of_reference(&reference);
    let placed = join_all((0..32).map(|_| accepted(host, &order))).await;
    let found = page(host, &first_page("/order", &reference, "")).await;
    let sorted = |ids: Vec<String>| ids.into_iter().collect::<BTreeSet<_>>();
    assert_eq!(sorted(ids(&found)), sorted(placed));
}

#[case]
async fn fifty_orders_are_one_page_oldest_first(host: &Host) {
    let (reference, placed) = placed(host, 50).await;
    let found = page(host, &first_page("/order", &reference, "")).await;
    assert_eq!(ids(&found), placed);
    let members: Vec<&String> = found.as_object().unwrap().keys().collect();
    assert_eq!(members, ["count", "orders"]);
}

#[case]
async fn more_than_limit_orders_are_pages(host: &Host) {
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

#[case]
async fn next_link_keeps_family_and_query(host: &Host) {
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
    let host = Host::with(&[("public_base_url", "https://api.example.no")]).await;
    let (reference, _) = placed(&host, 2).await;
    let found = page(&host, &first_page("/order", &reference, "&limit=1")).await;
    let next = found["next"].as_str().expect("a link");
    let path = next.strip_prefix("https://api.example.no").expect("a base");
    assert_eq!(page(&host, path).await["count"], 1);
}

#[case]
async fn orders_placed_during_paging_hide_none(host: &Host) {
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

#[case]
async fn invalid_limit_or_cursor_is_400(host: &Host) {
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
    let call = get("/order?limit=0&after=x").bearer(tokens::bearer());
    let expected = (400, vec!["sendersReference".to_owned()]);
    rows.push((
        "no reference".to_owned(),
        call.send(host).await.outcome(),
        expected,
    ));
    assert_rows(rows);
}

#[case]
async fn cursor_of_another_creator_finds_nothing(host: &Host) {
    let (reference, _) = placed(host, 2).await;
    let found = page(host, &first_page("/order", &reference, "&limit=1")).await;
    let next = found["next"].as_str().expect("a link");
    let call = get(next).bearer(tokens::bearer_of(tokens::OTHER_ORG));
    let found = call.send(host).await.expect(200).json();
    assert_eq!(found, json!({ "count": 0, "orders": [] }));
    get(next).send(host).await.expect(401);
}

/// Hosts limit the size of a response and the memory of an instance.
#[case]
async fn page_of_large_orders_is_bounded_in_bytes(host: &Host) {
    let reference = Uuid::new_v4().to_string();
    let large = order_with(json!({
        "sendersReference": reference, "requestedSendTime": LATER, "body": "x".repeat(240_000),
    }));
    let mut placed = BTreeSet::new();
    for _ in 0..60 {
        placed.insert(accepted(host, &large).await);
    }
    let mut connection = host.connect().await;
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
