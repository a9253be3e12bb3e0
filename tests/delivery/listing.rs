//! Listing keys on SQLite, Spin's default, can hang the host for good (Spin 4.1). So no component does.

use std::{collections::BTreeMap, time::Duration};

use http::StatusCode;
use local_host::{Call as HostCall, Options, Provider};
use test_hosts::{Host, reasons::COUNTS};
use test_support::{case, get as get_call};
use tokio::time::{Instant, sleep, timeout};
use toml::{Table, toml};

use crate::app::{Serving, component, table};

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(3);

/// Gets a path; returns `None` if there is no answer.
async fn get(host: &Host, path: &str) -> Option<String> {
    let answer = host.exchange(get_call(path));
    let answer = timeout(PATIENCE, answer).await.ok()?;
    assert_eq!(answer.status(), StatusCode::OK, "{answer:?}");
    Some(String::from_utf8(answer.into_body().into()).expect("text"))
}

/// Returns the manifest of a component that lists keys, under two names: each has its own instances.
fn lister() -> Table {
    let mut manifest = toml! {
        spin_manifest_version = 2
        [application]
        name = "listing"
        version = "0.0.0"
        [[trigger.http]]
        route = "/..."
        component = "lister"
        [[trigger.http]]
        route = "/other/..."
        component = "other"
    };
    for name in ["lister", "other"] {
        let lister = table(&mut manifest, &["component", name]);
        lister.insert("source".to_owned(), component("key_lister").into());
        let stores = vec!["default"];
        lister.insert("key_value_stores".to_owned(), stores.into());
    }
    manifest
}

/// Starts a local host with some keys in its store.
async fn filled(adjust: impl FnOnce(&mut Options)) -> Serving {
    let host = Serving::local(&lister(), &BTreeMap::new(), COUNTS, adjust).await;
    assert_eq!(get(&host, "/fill").await.as_deref(), Some("100"));
    host
}

/// The component once listed all keys in an instance that served other requests too.
#[case]
async fn listing_during_another_request_hangs_the_host_on_sqlite() {
    for other in ["/get", "/get-async"] {
        let host = filled(|_| {}).await;
        // Without other requests it ends.
        assert_eq!(get(&host, "/list").await.as_deref(), Some("100"));

        let listed = host.calls().get(HostCall::GetKeys);
        let beside = async {
            while host.calls().get(HostCall::GetKeys) == listed {
                sleep(Duration::from_millis(10)).await;
            }
            let read = get(&host, other).await;
            // The host itself still answers; every call of the store hangs.
            let well = get(&host, "/.well-known/spin/health").await;
            (read, well, get(&host, "/get").await)
        };
        let (list, beside) = tokio::join!(get(&host, "/list?among-others"), beside);
        assert_eq!(list, None, "{other}");
        assert_eq!(beside, (None, Some("OK".to_owned()), None), "{other}");

        let begun = Instant::now();
        host.abandon().await;
        assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
    }
}

#[case]
async fn listing_during_another_request_succeeds_on_other_providers() {
    for provider in [Provider::Redis, Provider::Cosmos, Provider::Dynamo] {
        let host = filled(|options| options.provider = provider).await;
        let beside = async {
            while host.calls().get(HostCall::GetKeys) == 0 {
                sleep(Duration::from_millis(10)).await;
            }
            get(&host, "/get").await
        };
        let (list, read) = tokio::join!(get(&host, "/list?among-others"), beside);
        assert_eq!(list.as_deref(), Some("100"), "{provider:?}");
        assert_eq!(read.as_deref(), Some("1"), "{provider:?}");
        host.stop().await;
    }
}

/// A call that waits for the lock blocks every request of its instance, also those that do not use the
/// store.
#[case]
async fn call_on_sqlite_blocks_its_instance() {
    const HELD: Duration = Duration::from_millis(500);
    for call in ["/get", "/get-async"] {
        let host = filled(|_| {}).await;
        let calls = async {
            // Starts before the listing and ends after it.
            let ticks = get(&host, "/ticks");
            let list = async {
                sleep(Duration::from_millis(50)).await;
                get(&host, "/other/list?among-others").await
            };
            let read = async {
                while host.calls().get(HostCall::GetKeys) == 0 {
                    sleep(Duration::from_millis(10)).await;
                }
                get(&host, call).await
            };
            let go_on = async {
                while host.calls().get(HostCall::GetKeys) == 0 {
                    sleep(Duration::from_millis(10)).await;
                }
                sleep(HELD).await;
                get(&host, "/other/nothing").await
            };
            tokio::join!(ticks, list, read, go_on)
        };
        let (ticks, list, read, _) = calls.await;
        assert_eq!((list.as_deref(), read.as_deref()), (Some("100"), Some("1")));
        let gap: u64 = ticks.expect("an answer").parse().expect("milliseconds");
        let gap = Duration::from_millis(gap);
        assert!(
            gap >= HELD * 3 / 4,
            "{call}: at most {gap:?} between two ticks"
        );
        host.stop().await;
    }
}
