//! What an index has lost is found again.

use serde_json::Value;

use super::{KEY, in_seconds, order_at, settled, stored::Stored, trigger};
use crate::support::{Host, get, host::setup, order::accepted, post, tokens};

/// In how many parts all orders are swept.
const PARTS: usize = 16;

#[tokio::test]
async fn an_order_that_no_index_knows_is_delivered_and_found() {
    let folder = tempfile::tempdir().unwrap();
    let setup = setup(&[("trigger_key", KEY)]).on_disk(folder.path());
    let Some(host) = Host::start(&setup).await else {
        return;
    };
    let order = order_at(&in_seconds(1200));
    let id = accepted(&host, &order).await;
    host.stop().await;
    lose(folder.path(), &id);

    let host = Host::start(&setup).await.unwrap();
    let reference = order["sendersReference"].as_str().unwrap();
    let found = || {
        let query = format!("/order?sendersReference={reference}");
        get(query).bearer(tokens::bearer())
    };
    assert_eq!(found().send(&host).await.expect(200).json()["count"], 0);
    let run = trigger().send(&host).await.expect(200).json();
    assert_eq!(run["due"], 0, "{run}");

    for _ in 0..PARTS {
        let sweep = post("/trigger/pastdueorders?sweep=true").bearer(KEY);
        sweep.send(&host).await.expect(200);
    }
    trigger().send(&host).await.expect(200);
    let status = settled(&host, &id).await;
    assert_eq!(
        status["processingStatus"]["status"], "Completed",
        "{status}"
    );
    assert_eq!(found().send(&host).await.expect(200).json()["count"], 1);
    let log = host.log();
    assert!(log.contains("orders put back into an index"), "{log}");
    host.stop().await;
}

/// Lets an order have been due an hour ago, and takes it out of every index.
fn lose(state: &std::path::Path, id: &str) {
    let mut stored = Stored::open(state);
    stored.remove("eo:due:");
    stored.remove("eo:ref:");
    let key = format!("eo:order:{id}");
    let rows = stored.rows();
    let (_, json) = rows.iter().find(|(row, _)| *row == key).unwrap();
    let mut order: Value = serde_json::from_slice(json).unwrap();
    for member in ["created", "requestedSendTime"] {
        order[member] = in_seconds(-3600).into();
    }
    stored.add([(key, order.to_string().into_bytes())].into_iter());
}
