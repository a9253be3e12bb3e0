//! `Idempotency-Key`

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};
use test_support::{
    Answer, Host, assert_rows, case, clock, get,
    order::{FAMILIES, fetch, order, order_id, order_with, post_order},
    post, tokens,
};
use tokio::time::{Duration, sleep};
use uuid::Uuid;

async fn place(host: &Host, key: &str, order: &Value) -> Answer {
    post_order(order)
        .header("Idempotency-Key", key)
        .send(host)
        .await
}

#[case]
async fn repeat_with_the_same_key_returns_the_same_order(host: &Host) {
    let key = Uuid::new_v4().to_string();
    let order = order();
    let first = place(host, &key, &order).await.expect(202);
    assert_eq!(first.header("idempotent-replayed"), None);
    for key in [
        key.clone(),
        format!("\"{key}\""),
        format!("\"{key}\";p=1"),
        format!("{key}; p=\"x;,\";q"),
    ] {
        let again = place(host, &key, &order).await.expect(202);
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!(again.header("location"), first.header("location"));
        assert_eq!(again.json(), first.json());
    }
    let other = order_with(json!({ "subject": "Another" }));
    place(host, &key, &other).await.expect(422).problem();
}

#[case]
async fn repeat_after_its_send_time_has_passed_is_202(host: &Host) {
    let key = Uuid::new_v4().to_string();
    // Ten seconds before it is too far in the past.
    let time = clock::in_seconds(-290);
    let order = order_with(json!({ "requestedSendTime": time }));
    let first = place(host, &key, &order).await.expect(202);
    sleep(Duration::from_secs(11)).await;
    let again = place(host, &key, &order).await.expect(202);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(again.json(), first.json());

    let too_late = (400, vec!["RequestedSendTime".to_owned()]);
    let other = order_with(json!({ "requestedSendTime": time }));
    assert_eq!(place(host, &key, &other).await.outcome(), too_late);
    let other_key = Uuid::new_v4().to_string();
    assert_eq!(place(host, &other_key, &order).await.outcome(), too_late);
}

#[case]
async fn key_is_scoped_to_the_creator_and_shared_by_families(host: &Host) {
    let key = Uuid::new_v4().to_string();
    let order = order();
    let first = order_id(&place(host, &key, &order).await.expect(202));
    let stranger = post(FAMILIES[0].order_email)
        .bearer(tokens::bearer_of(tokens::OTHER_ORG))
        .header("Idempotency-Key", &key)
        .json(&order);
    assert_ne!(order_id(&stranger.send(host).await.expect(202)), first);
    let altinn = post(FAMILIES[1].order_email)
        .bearer(tokens::bearer())
        .header("Idempotency-Key", &key)
        .json(&order);
    let altinn = altinn.send(host).await.expect(202);
    let expected = format!("{}/{first}", FAMILIES[1].orders);
    assert_eq!(altinn.header("location"), Some(expected.as_str()));
}

#[case]
async fn malformed_key_is_400(host: &Host) {
    let mut rows = Vec::new();
    for key in [
        "",
        " ",
        "\"\"",
        "\"a",
        "a b",
        "\"a b\"",
        "\"a\"b",
        "k1,k2",
        "\"k1\", \"k2\"",
        "\"k\";p=1, k",
        "\"k\";P",
        ";p=1",
        &"x".repeat(256),
    ] {
        let expected = (400, vec!["Idempotency-Key".to_owned()]);
        rows.push((
            key.to_owned(),
            place(host, key, &order()).await.outcome(),
            expected,
        ));
    }
    let twice = post_order(&order())
        .header("Idempotency-Key", "a")
        .header("Idempotency-Key", "a");
    let expected = (400, vec!["Idempotency-Key".to_owned()]);
    rows.push((
        "twice".to_owned(),
        twice.send(host).await.outcome(),
        expected,
    ));
    assert_rows(rows);
}

async fn assert_one_order(host: &Host, reference: &str, ids: &BTreeSet<String>) -> Value {
    assert_eq!(ids.len(), 1, "{ids:?}");
    let find = get(format!("/order?sendersReference={reference}")).bearer(tokens::bearer());
    let found = find.send(host).await.expect(200).json();
    assert_eq!(found["count"], 1);
    fetch(host, ids.first().unwrap()).await
}

const RACERS: usize = 50;

/// Races identical requests under one key: all get the same order.
pub async fn race_identical_requests(host: &Host) {
    let key = Uuid::new_v4().to_string();
    let order = order();
    let answers = join_all((0..RACERS).map(|_| place(host, &key, &order))).await;
    let ids: BTreeSet<String> = answers
        .into_iter()
        .map(|answer| order_id(&answer.expect(202)))
        .collect();
    let reference = order["sendersReference"].as_str().unwrap();
    assert_one_order(host, reference, &ids).await;
}

/// Races different requests under one key: exactly one is stored.
pub async fn race_different_requests(host: &Host) {
    let key = Uuid::new_v4().to_string();
    let reference = Uuid::new_v4().to_string();
    let orders: Vec<Value> = (0..RACERS)
        .map(|number| json!({ "sendersReference": reference, "subject": format!("{number}") }))
        .map(order_with)
        .collect();
    let answers = join_all(orders.iter().map(|order| place(host, &key, order))).await;
    let mut ids = BTreeSet::new();
    let mut winners = BTreeSet::new();
    for (order, answer) in orders.iter().zip(answers) {
        match answer.status.as_u16() {
            202 => {
                ids.insert(order_id(&answer));
                winners.insert(order["subject"].as_str().unwrap());
            }
            409 => assert!(answer.header("retry-after").is_some(), "{answer}"),
            422 => drop(answer.problem()),
            _ => panic!("{answer}"),
        }
    }
    assert_eq!(winners.len(), 1, "{winners:?}");
    let stored = assert_one_order(host, &reference, &ids).await;
    assert_eq!(
        stored["emailTemplate"]["subject"],
        *winners.first().unwrap()
    );
}

#[case]
async fn concurrent_requests_with_one_key_store_one_order(host: &Host) {
    race_identical_requests(host).await;
    race_different_requests(host).await;
}
