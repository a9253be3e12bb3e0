//! Keys in the store that another application has put there.

use std::path::Path;

use rusqlite::Connection;
use serde_json::json;
use test_issuer::{SigningKey, server::Answer};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{issuers_at, new_key, post_with, publish, set_of, token_of};
use crate::support::{Host, assert_rows, host::setup};

/// Puts a set of this key in the place of the one that is stored.
fn forge(state: &Path, key: &SigningKey) {
    let now = OffsetDateTime::now_utc().replace_nanosecond(0).unwrap();
    let forged = json!({
        "set": {
            "fetchedAt": now.format(&Rfc3339).unwrap(),
            "lifetime": 300,
            "jwks": set_of([key]).to_string(),
        },
    });
    let store = Connection::open(state.join("sqlite_key_value.db")).unwrap();
    let changed = store.execute(
        "UPDATE spin_key_value SET value = ?1 WHERE key LIKE 'eo:jwks:%'",
        [forged.to_string().into_bytes()],
    );
    assert_eq!(changed, Ok(1));
}

#[tokio::test]
async fn with_a_trigger_key_they_are_not_believed() {
    let mut rows = Vec::new();
    for (name, trigger_key, forged_status) in [
        ("without a trigger key", "", 202),
        ("with one", "a-key-for-tests", 401),
    ] {
        let [key, attacker] = [new_key(), new_key()];
        let server = publish(Answer::keys(&set_of([&key])).max_age(300)).await;
        let issuers = issuers_at(&server.url());
        let folder = tempfile::tempdir().unwrap();
        let start = async |trigger_key: &str, previous: &str| {
            let variables = [
                ("bearer_issuers", &*issuers),
                ("trigger_key", trigger_key),
                ("trigger_key_previous", previous),
            ];
            Host::start(&setup(&variables).on_disk(folder.path())).await
        };
        let status = async |host: &Host, key: &SigningKey| {
            post_with(&token_of(key)).send(host).await.outcome().0
        };
        let Some(host) = start(trigger_key, "").await else {
            return;
        };
        assert_eq!(status(&host, &key).await, 202);
        host.stop().await;

        // What was stored under a key that has become the previous one is believed.
        let host = start("another-key", trigger_key).await.unwrap();
        assert_eq!(status(&host, &key).await, 202);
        let fetched = if trigger_key.is_empty() { 2 } else { 1 };
        assert_eq!(server.requests(), fetched, "{name}");
        host.stop().await;

        forge(folder.path(), &attacker);
        let host = start(trigger_key, "").await.unwrap();
        rows.push((name, status(&host, &attacker).await, forged_status));
        host.stop().await;
    }
    assert_rows(rows);
}
