//! `Idempotency-Key`

use std::collections::BTreeSet;

use futures::future::join_all;
use local_host::Provider;
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::time::{Duration, sleep};
use uuid::Uuid;

use crate::support::{
    Answer, Host, assert_rows, get,
    host::{PROVIDERS, setup},
    order::{FAMILIES, fetch, order, order_id, order_with, post_order},
    post, shared, tokens,
};

async fn place(host: &Host, key: &str, order: &Value) -> Answer {
    post_order(order)
        .header("Idempotency-Key", key)
        .send(host)
        .await
}

#[tokio::test]
async fn the_same_request_gives_the_same_order() {
    let host = shared().await;
    let key = Uuid::new_v4().to_string();
    let order = order();
    let first = place(host, &key, &order).await.expect(202);
    assert_eq!(first.header("idempotent-replayed"), None);
    for key in [key.clone(), format!("\"{key}\"")] {
        let again = place(host, &key, &order).await.expect(202);
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!(again.header("location"), first.header("location"));
        assert_eq!(again.json(), first.json());
    }
    let other = order_with(json!({ "subject": "Another" }));
    place(host, &key, &other).await.expect(422).problem();
}

#[tokio::test]
async fn a_repeat_is_not_told_that_its_send_time_has_passed() {
    let host = shared().await;
    let key = Uuid::new_v4().to_string();
    // Some seconds before it is too long ago.
    let instant = OffsetDateTime::now_utc() - time::Duration::seconds(290);
    let time = instant.format(&Rfc3339).unwrap();
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

#[tokio::test]
async fn a_key_is_its_creators_own_and_of_both_families() {
    let host = shared().await;
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

#[tokio::test]
async fn what_is_no_key_is_refused() {
    let host = shared().await;
    let mut rows = Vec::new();
    for key in [
        "",
        " ",
        "\"\"",
        "\"a",
        "a b",
        "\"a b\"",
        "\"a\"b",
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

/// A host like each provider, and one that keeps its state on disk.
async fn hosts() -> Option<Vec<(String, Host)>> {
    let mut hosts = Vec::new();
    for provider in [
        Provider::Sqlite,
        Provider::Redis,
        Provider::Cosmos,
        Provider::Dynamo,
    ] {
        let host = Host::local(PROVIDERS, &setup(&[]), |options| {
            options.provider = provider
        });
        let host = host.await?;
        hosts.push((format!("{provider:?}"), host));
    }
    Some(hosts)
}

async fn assert_one_order(
    name: &str,
    host: &Host,
    reference: &str,
    ids: &BTreeSet<String>,
) -> Value {
    assert_eq!(ids.len(), 1, "{name}: {ids:?}");
    let find = get(format!("/order?sendersReference={reference}")).bearer(tokens::bearer());
    let found = find.send(host).await.expect(200).json();
    assert_eq!(found["count"], 1, "{name}");
    fetch(host, ids.first().unwrap()).await
}

const RACERS: usize = 50;

async fn fifty_identical(name: &str, host: &Host) {
    let key = Uuid::new_v4().to_string();
    let order = order();
    let answers = join_all((0..RACERS).map(|_| place(host, &key, &order))).await;
    let ids: BTreeSet<String> = answers
        .into_iter()
        .map(|answer| order_id(&answer.expect(202)))
        .collect();
    let reference = order["sendersReference"].as_str().unwrap();
    assert_one_order(name, host, reference, &ids).await;
}

async fn fifty_different(name: &str, host: &Host) {
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
            _ => panic!("{name}: {answer}"),
        }
    }
    assert_eq!(winners.len(), 1, "{name}: {winners:?}");
    let stored = assert_one_order(name, host, &reference, &ids).await;
    assert_eq!(
        stored["emailTemplate"]["subject"],
        *winners.first().unwrap(),
        "{name}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_at_once_are_one_order_on_every_provider() {
    let Some(hosts) = hosts().await else { return };
    for (name, host) in &hosts {
        fifty_identical(name, host).await;
        fifty_different(name, host).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_at_once_are_one_order_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let Some(host) = Host::durable(folder.path()).await else {
        return;
    };
    fifty_identical("disk", &host).await;
    fifty_different("disk", &host).await;
    host.stop().await;
}
