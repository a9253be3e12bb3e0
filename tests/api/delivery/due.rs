//! The cost of a trigger call depends on the due orders, not on the stored ones.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::json;
use test_hosts::{Folder, Host, reasons::COUNTS};
use test_support::{
    State as _, case, clock,
    order::{accepted, order, order_at, settled, trigger},
};
use time::Duration;
use uuid::Uuid;

use super::launch_on;

const STORED: i64 = 100_000;
const MOST_CALLS: u64 = 10;

/// How long ago an order was settled, in seconds: long enough that the trigger deletes its due time.
const DONE: i64 = 3600;

/// One order is placed for later; its rows are copied for other orders at other times.
#[case]
async fn trigger_with_nothing_due_among_many_orders_makes_few_calls() {
    let folder = Arc::<Folder>::default();
    let launch = launch_on(&folder);
    let start = || Host::local(COUNTS, &launch, |_| {});
    let host = start().await;
    let time = clock::in_seconds(1200);
    let id = accepted(&host, &order_at(&time)).await;
    let done = accepted(&host, &order()).await;
    settled(&host, &done).await;
    host.stop().await;

    let now = clock::now();
    let rows = folder.rows();
    let (done_in, rows_of_done) = rows_of(&rows, &done);
    let then = clock::text(now - Duration::seconds(DONE));
    let then = &then[..MINUTE];
    folder.remove(&format!("eo:due:{done_in}"));
    let other = Uuid::parse_str(&done).unwrap();
    folder.add(copied(&rows_of_done, &done, other, &done_in, then));

    let (minute, rows) = rows_of(&rows, &id);
    folder.add((0..STORED).flat_map(|number| {
        // Within this hour and the next, later today, this month, and for two years.
        let ahead = 1200 + number * number / 160;
        let time = clock::text(now + Duration::seconds(ahead));
        let other = Uuid::new_v4();
        copied(&rows, &id, other, &minute, &time[..MINUTE])
    }));
    let keys = folder.rows().into_keys();
    let orders = keys.filter(|key| key.starts_with("eo:order:"));
    assert!(orders.count() > STORED.try_into().unwrap());

    // The settled order's due time is deleted once, and costs no calls after that: its minute by the
    // first run, the empty hour and day by the next one.
    let host = start().await;
    trigger().send(&host).await.expect(200);
    trigger().send(&host).await.expect(200);
    host.stop().await;
    let left = folder.rows().into_keys();
    let left: Vec<_> = left.filter(|key| key.contains(then)).collect();
    assert!(left.is_empty(), "{left:?}");

    // A host without an instance yet.
    let host = start().await;
    for call in ["the first", "the second"] {
        host.reset_counts();
        let document = trigger().send(&host).await.expect(200).json();
        assert_eq!(document, json!({ "due": 0, "processed": 0, "more": false }));
        let calls = host.calls();
        eprintln!("{call} call: {} host calls, {calls:?}", calls.total());
        assert!(calls.total() <= MOST_CALLS, "{call} call: {calls:?}");
    }
    host.stop().await;
}

/// The length of a minute in a key.
const MINUTE: usize = "2030-01-31T08:00".len();

/// Returns the minute in which an order is due, and the rows of the order and of that minute.
fn rows_of(rows: &BTreeMap<String, Vec<u8>>, id: &str) -> (String, Vec<(String, Vec<u8>)>) {
    let bytes = *Uuid::parse_str(id).unwrap().as_bytes();
    let slot = rows
        .iter()
        .find(|(key, value)| key.starts_with("eo:due:") && value.starts_with(&bytes))
        .expect("the page of an order");
    let minute = slot.0["eo:due:".len()..][..MINUTE].to_owned();
    let is_of_order = |(key, value): &(&String, &Vec<u8>)| {
        key.contains(id) || **value == bytes || leads_to(key, &minute)
    };
    let rows = rows.iter().filter(is_of_order);
    let rows: Vec<_> = rows
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    assert!(rows.len() >= 9, "{rows:?}");
    (minute, rows)
}

/// Returns whether a key is of a time that contains this minute.
fn leads_to(key: &str, minute: &str) -> bool {
    key.strip_prefix("eo:due:").is_some_and(|time| {
        let time = time.get(..minute.len()).unwrap_or(time);
        minute.starts_with(time)
    })
}

/// Returns the rows of one order as those of another one, at another time.
fn copied(
    rows: &[(String, Vec<u8>)],
    id: &str,
    other: Uuid,
    minute: &str,
    to: &str,
) -> Vec<(String, Vec<u8>)> {
    let bytes = Uuid::parse_str(id).unwrap();
    rows.iter()
        .map(|(key, value)| {
            let key = match key.strip_prefix("eo:due:") {
                Some(time) if time.len() <= minute.len() => format!("eo:due:{}", &to[..time.len()]),
                _ => key.replace(minute, to).replace(id, &other.to_string()),
            };
            let value = if let Some(rest) = value.strip_prefix(bytes.as_bytes()) {
                // A page holds the id and a hash of the creator.
                [&other.as_bytes()[..], rest].concat()
            } else if key.starts_with("eo:order:") {
                let json = String::from_utf8(value.clone()).unwrap();
                json.replace(id, &other.to_string()).into_bytes()
            } else {
                value.clone()
            };
            (key, value)
        })
        .collect()
}
