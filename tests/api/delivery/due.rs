//! What a call of the trigger costs depends on what is due.

use local_host::Storage;
use serde_json::json;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use super::{KEY, in_seconds, order_at, stored::Stored, trigger};
use crate::support::{
    Host,
    order::{accepted, order},
};

const STORED: i64 = 100_000;
const MOST_CALLS: u64 = 10;

/// One order is placed for later, and its rows are copied for other orders at other times.
#[tokio::test]
async fn nothing_due_of_many_orders_is_a_few_calls() {
    let folder = tempfile::tempdir().unwrap();
    let start = || {
        Host::adjusted(&[("trigger_key", KEY)], |options| {
            options.storage = Storage::Directory(folder.path().to_owned());
        })
    };
    let Some(host) = start().await else { return };
    let time = in_seconds(1200);
    let id = accepted(&host, &order_at(&time)).await;
    // What is done is no reason for more.
    let done = accepted(&host, &order()).await;
    super::settled(&host, &done).await;
    trigger().send(&host).await.expect(200);
    host.stop().await;

    let mut stored = Stored::open(folder.path());
    let minute = &time[.."2030-01-31T08:00".len()];
    let rows: Vec<_> = stored.rows();
    let rows: Vec<_> = rows
        .into_iter()
        .filter(|(key, value)| {
            key.contains(&id)
                || value == Uuid::parse_str(&id).unwrap().as_bytes()
                || leads_to(key, minute)
        })
        .collect();
    assert!(rows.len() > 10, "{rows:?}");
    let now = OffsetDateTime::now_utc();
    stored.add((0..STORED).flat_map(|number| {
        // Within this hour and the next, later today, this month, and for two years.
        let ahead = 1200 + number * number / 160;
        let time = now + time::Duration::seconds(ahead);
        let time = time.format(&Rfc3339).unwrap();
        let other = Uuid::new_v4();
        copied(&rows, &id, other, minute, &time[..minute.len()])
    }));
    let orders = stored
        .rows()
        .into_iter()
        .filter(|(key, _)| key.starts_with("eo:order:"));
    assert!(orders.count() > STORED.try_into().unwrap());
    drop(stored);

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
