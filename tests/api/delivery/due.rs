//! What a call of the trigger costs depends on what is due.

use serde_json::json;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use super::{KEY, in_seconds, order_at, stored::Stored, trigger};
use crate::support::{
    Host,
    host::{COUNTS, setup},
    order::{accepted, order},
};

const STORED: i64 = 100_000;
const MOST_CALLS: u64 = 10;

/// How long ago something was done, in seconds: long enough to be cleared away.
const DONE: i64 = 3600;

/// One order is placed for later, and its rows are copied for other orders at other times.
#[tokio::test]
async fn nothing_due_of_many_orders_is_a_few_calls() {
    let folder = tempfile::tempdir().unwrap();
    let setup = setup(&[("trigger_key", KEY)]).on_disk(folder.path());
    let start = || Host::local(COUNTS, setup.clone(), |_| {});
    let Some(host) = start().await else { return };
    let time = in_seconds(1200);
    let id = accepted(&host, &order_at(&time)).await;
    let done = accepted(&host, &order()).await;
    super::settled(&host, &done).await;
    host.stop().await;

    let mut stored = Stored::open(folder.path());
    let now = OffsetDateTime::now_utc();
    let rows = stored.rows();
    let (done_in, rows_of_done) = rows_of(&rows, &done);
    let then = (now - time::Duration::seconds(DONE))
        .format(&Rfc3339)
        .unwrap();
    let then = &then[..MINUTE];
    stored.remove(&format!("eo:due:{done_in}"));
    let other = Uuid::parse_str(&done).unwrap();
    stored.add(copied(&rows_of_done, &done, other, &done_in, then).into_iter());

    let (minute, rows) = rows_of(&rows, &id);
    stored.add((0..STORED).flat_map(|number| {
        // Within this hour and the next, later today, this month, and for two years.
        let ahead = 1200 + number * number / 160;
        let time = now + time::Duration::seconds(ahead);
        let time = time.format(&Rfc3339).unwrap();
        let other = Uuid::new_v4();
        copied(&rows, &id, other, &minute, &time[..MINUTE])
    }));
    let orders = stored
        .rows()
        .into_iter()
        .filter(|(key, _)| key.starts_with("eo:order:"));
    assert!(orders.count() > STORED.try_into().unwrap());
    drop(stored);

    // What was done goes once, and is no reason for calls after that.
    let host = start().await.unwrap();
    trigger().send(&host).await.expect(200);
    host.stop().await;
    let left = Stored::open(folder.path()).rows();
    let left: Vec<_> = left.iter().filter(|(key, _)| key.contains(then)).collect();
    assert!(left.is_empty(), "{left:?}");

    // A host that has no instance yet.
    let host = start().await.unwrap();
    for call in ["the first", "the second"] {
        host.reset_calls();
        let document = trigger().send(&host).await.expect(200).json();
        assert_eq!(document, json!({ "due": 0, "processed": 0, "more": false }));
        let calls = host.calls();
        eprintln!("{call} call: {} host calls, {calls:?}", calls.total());
        assert!(calls.total() <= MOST_CALLS, "{call} call: {calls:?}");
    }
    host.stop().await;
}

/// The length of a minute, as keys name it.
const MINUTE: usize = "2030-01-31T08:00".len();

/// The minute in which an order is due, and the rows that are the order's or lead to it.
fn rows_of(rows: &[(String, Vec<u8>)], id: &str) -> (String, Vec<(String, Vec<u8>)>) {
    let bytes = *Uuid::parse_str(id).unwrap().as_bytes();
    let slot = rows
        .iter()
        .find(|(key, value)| key.starts_with("eo:due:") && *value == bytes)
        .expect("the slot of an order");
    let minute = slot.0["eo:due:".len()..][..MINUTE].to_owned();
    let of_order = |(key, value): &&(String, Vec<u8>)| {
        key.contains(id) || *value == bytes || leads_to(key, &minute)
    };
    let rows: Vec<_> = rows.iter().filter(of_order).cloned().collect();
    assert!(rows.len() > 10, "{rows:?}");
    (minute, rows)
}

/// Whether a key is of a time that this minute is in.
fn leads_to(key: &str, minute: &str) -> bool {
    key.strip_prefix("eo:due:").is_some_and(|time| {
        let time = time.get(..minute.len()).unwrap_or(time);
        minute.starts_with(time)
    })
}

/// The rows of one order as another's, at another time.
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
            let value = if value == bytes.as_bytes() {
                other.as_bytes().to_vec()
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
