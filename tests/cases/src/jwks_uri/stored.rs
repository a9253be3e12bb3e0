//! Sets in the store that another application has written.

use std::sync::Arc;

use serde_json::json;
use test_issuer::SigningKey;
use test_support::{
    Host, Reply, State, assert_rows, case, clock, empty_state, key_server::KeyServer, setup,
};

use super::{issuers_at, new_key, outage::stored_key, post_with, set_of, token_of};

/// Replaces the stored set by a set of this key, with a lifetime of five minutes.
fn forge(state: &dyn State, key: &SigningKey) {
    forge_with(state, key, 0, 300);
}

/// Replaces the stored set by a set of this key, fetched so many seconds ago.
fn forge_with(state: &dyn State, key: &SigningKey, age: i64, lifetime: i64) {
    let fetched = clock::now() - time::Duration::seconds(age);
    let fetched = fetched.replace_nanosecond(0).unwrap();
    let forged = json!({
        "set": {
            "fetchedAt": clock::text(fetched),
            "lifetime": lifetime,
            "jwks": set_of([key]).to_string(),
        },
    });
    state.set(&stored_key(state), forged.to_string().as_bytes());
}

#[case]
async fn forged_stored_keys_are_refused_with_a_trigger_key() {
    let mut rows = Vec::new();
    for (name, trigger_key, forged_status) in [
        ("without a trigger key", "", 202),
        ("with one", "a-key-for-tests", 401),
    ] {
        let [key, attacker] = [new_key(), new_key()];
        let server = KeyServer::start(Reply::keys(&set_of([&key])).max_age(300)).await;
        let issuers = issuers_at(&server.url());
        let state = empty_state();
        let start = async |trigger_key: &str, previous: &str| {
            let variables = [
                ("bearer_issuers", &*issuers),
                ("trigger_key", trigger_key),
                ("trigger_key_previous", previous),
            ];
            Host::start(setup(&variables).on(&Arc::clone(&state))).await
        };
        let status = async |host: &Host, key: &SigningKey| {
            post_with(&token_of(key)).send(host).await.outcome().0
        };
        let host = start(trigger_key, "").await;
        assert_eq!(status(&host, &key).await, 202);
        host.stop().await;

        // A set that was stored under the previous key is still trusted.
        let host = start("another-key", trigger_key).await;
        assert_eq!(status(&host, &key).await, 202);
        let fetched = if trigger_key.is_empty() { 2 } else { 1 };
        assert_eq!(server.requests(), fetched, "{name}");
        host.stop().await;

        forge(&*state, &attacker);
        let host = start(trigger_key, "").await;
        rows.push((name, status(&host, &attacker).await, forged_status));
        host.stop().await;
    }
    assert_rows(rows);
}

#[case]
async fn implausible_stored_set_is_not_used() {
    let mut rows = Vec::new();
    for (name, age, lifetime, forged_status) in [
        ("plausible", 0, 300, 202),
        ("from the future", -3600, 300, 401),
        ("with a lifetime beyond the maximum", 3700, 86_400, 401),
    ] {
        let [key, attacker] = [new_key(), new_key()];
        let server = KeyServer::start(Reply::keys(&set_of([&key])).max_age(300)).await;
        let issuers = issuers_at(&server.url());
        let state = empty_state();
        let setup = setup(&[("bearer_issuers", &issuers)]).on(&state);
        let host = Host::start(setup.clone()).await;
        post_with(&token_of(&key)).send(&host).await.expect(202);
        host.stop().await;

        forge_with(&*state, &attacker, age, lifetime);
        let host = Host::start(setup).await;
        let answer = post_with(&token_of(&attacker)).send(&host).await;
        rows.push((name, answer.outcome().0, forged_status));
        host.stop().await;
    }
    assert_rows(rows);
}
