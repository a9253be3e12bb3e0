//! Tests of the providers, above all of their defects.

use std::{fmt::Debug, sync::Arc};

use futures::{FutureExt, future::join_all};

use super::{
    handles::Handles,
    open::OpenStore,
    store::{Pair, StoreError, SwapError},
    *,
};
use crate::{
    calls::Call,
    faults::{Fault, Hook, Phase, fail_every},
};

async fn open_with(provider: Provider, storage: &Storage, hook: Option<Hook>) -> OpenStore {
    let probe = Arc::new(Probe::new(hook));
    let service = Arc::new(KeyValue::new(provider, storage, probe).unwrap());
    let handles = Handles::new(service, "main".into(), ["default".to_owned()].into());
    handles.opener().open("default").await.unwrap()
}

async fn open(provider: Provider) -> OpenStore {
    open_with(provider, &Storage::Memory, None).await
}

const ALL: [Provider; 4] = [
    Provider::Sqlite,
    Provider::Redis,
    Provider::Cosmos,
    Provider::Dynamo,
];

fn pair(key: &str, value: &str) -> Pair {
    (key.to_owned(), value.as_bytes().to_vec())
}

fn keys(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

fn message<T: Debug>(result: Result<T, StoreError>) -> String {
    match result {
        Err(StoreError::Other(message)) => message,
        other => panic!("expected a failure: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_providers_read_what_they_write() {
    for provider in ALL {
        let store = open(provider).await;
        assert_eq!(store.get("a").await, Ok(None));
        store.set("a", b"1").await.unwrap();
        store.set("a", b"2").await.unwrap();
        assert_eq!(store.get("a").await, Ok(Some(b"2".to_vec())));
        assert_eq!(store.exists("a").await, Ok(true));
        store.delete("a").await.unwrap();
        store.delete("a").await.unwrap();
        assert_eq!(store.exists("a").await, Ok(false));

        let pairs = vec![pair("b", "1"), pair("c", "2"), pair("d", "3")];
        store.set_many(pairs).await.unwrap();
        store.delete_many(keys(&["d", "x"])).await.unwrap();
        let mut listed = store.list_keys().await.unwrap();
        listed.sort();
        assert_eq!(listed, ["b", "c"], "{provider:?}");
        let mut stream = store.stream_keys().await.unwrap();
        let mut streamed = Vec::new();
        while let Some(key) = stream.keys.recv().await {
            streamed.push(key);
        }
        streamed.sort();
        assert_eq!((streamed, stream.end.await), (listed, Ok(Ok(()))));

        assert_eq!(store.increment("n", 2).await, Ok(2), "{provider:?}");
        assert_eq!(store.increment("n", -5).await, Ok(-3), "{provider:?}");
        assert_eq!(store.set_many(Vec::new()).await, Ok(()));
        assert_eq!(store.get_many(Vec::new()).await, Ok(Vec::new()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn open_is_limited_to_listed_stores_and_256_handles() {
    let service = KeyValue::new(Provider::Sqlite, &Storage::Memory, Arc::default()).unwrap();
    let mut handles = Handles::new(
        Arc::new(service),
        "main".into(),
        ["default".to_owned()].into(),
    );
    let opener = handles.opener();
    let denied = opener.open("other").await.map(drop);
    assert_eq!(denied, Err(StoreError::AccessDenied));
    for _ in 0..256 {
        handles.keep(opener.open("default").await.unwrap()).unwrap();
    }
    let full = handles.keep(opener.open("default").await.unwrap());
    assert_eq!(full.map(drop), Err(StoreError::TableFull));
}

#[tokio::test(flavor = "multi_thread")]
async fn get_many_leaves_missing_keys_out() {
    for provider in [Provider::Sqlite, Provider::Cosmos, Provider::Dynamo] {
        let store = open(provider).await;
        store
            .set_many(vec![pair("a", "1"), pair("b", "2")])
            .await
            .unwrap();
        let mut found = store.get_many(keys(&["b", "x", "a"])).await.unwrap();
        found.sort();
        assert_eq!(found, [pair("a", "1"), pair("b", "2")], "{provider:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn get_many_returns_random_order() {
    let store = open(Provider::Sqlite).await;
    let all: Vec<_> = (0..20).map(|n| format!("{n:02}")).collect();
    store
        .set_many(all.iter().map(|key| pair(key, "")).collect())
        .await
        .unwrap();
    let found = store.get_many(all.clone()).await.unwrap();
    let found: Vec<_> = found.into_iter().map(|(key, _)| key).collect();
    assert_ne!(found, all);
}

/// Returns whether each of two swaps that race for an absent key reports success, with or without
/// `current` first.
async fn race(provider: Provider, look: bool) -> [bool; 2] {
    let store = open(provider).await;
    let first = store.compare_and_swap("claim").await.unwrap();
    let second = store.compare_and_swap("claim").await.unwrap();
    if look {
        assert_eq!(first.current().await, Ok(None));
        assert_eq!(second.current().await, Ok(None));
    }
    [
        first.swap(b"first".to_vec()).await.is_ok(),
        second.swap(b"second".to_vec()).await.is_ok(),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn swap_race_for_absent_key_has_the_winners_of_its_provider() {
    assert_eq!(race(Provider::Sqlite, true).await, [true, true]);
    assert_eq!(race(Provider::Redis, true).await, [false, false]);
    assert_eq!(race(Provider::Cosmos, true).await, [true, false]);
    assert_eq!(race(Provider::Cosmos, false).await, [true, false]);
    assert_eq!(race(Provider::Dynamo, true).await, [true, false]);
    assert_eq!(race(Provider::Dynamo, false).await, [true, true]);
}

/// Returns whether a swap succeeds after a change that was reverted.
async fn aba(provider: Provider) -> bool {
    let store = open(provider).await;
    store.set("key", b"a").await.unwrap();
    let swap = store.compare_and_swap("key").await.unwrap();
    swap.current().await.unwrap();
    store.set("key", b"b").await.unwrap();
    store.set("key", b"a").await.unwrap();
    swap.swap(b"c".to_vec()).await.is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn swap_after_reverted_change_succeeds_if_values_are_compared() {
    assert!(aba(Provider::Sqlite).await, "compares values");
    assert!(!aba(Provider::Cosmos).await, "compares tags");
    assert!(aba(Provider::Dynamo).await, "a plain write has no version");
}

#[tokio::test(flavor = "multi_thread")]
async fn dynamo_swap_compares_versions_if_present() {
    let store = open(Provider::Dynamo).await;
    let swap = async |value: &str| {
        let swap = store.compare_and_swap("key").await.unwrap();
        swap.current().await.unwrap();
        swap.swap(value.as_bytes().to_vec()).await
    };
    swap("a").await.unwrap();
    let late = store.compare_and_swap("key").await.unwrap();
    late.current().await.unwrap();
    swap("b").await.unwrap();
    swap("a").await.unwrap();
    assert_eq!(late.swap(b"c".to_vec()).await, Err(SwapError::Failed));
    // A plain write drops the version, so that a handle that has read one is stale.
    let stale = store.compare_and_swap("key").await.unwrap();
    stale.current().await.unwrap();
    store.set("key", b"a").await.unwrap();
    assert_eq!(stale.swap(b"d".to_vec()).await, Err(SwapError::Failed));
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_swap_takes_effect_and_reports_failure() {
    let store = open(Provider::Redis).await;
    let swap = store.compare_and_swap("key").await.unwrap();
    assert_eq!(swap.swap(b"new".to_vec()).await, Err(SwapError::Failed));
    assert_eq!(store.get("key").await, Ok(Some(b"new".to_vec())));
    let swap = store.compare_and_swap("key").await.unwrap();
    swap.current().await.unwrap();
    store.set("key", b"other").await.unwrap();
    assert_eq!(swap.swap(b"late".to_vec()).await, Err(SwapError::Failed));
    assert_eq!(store.get("key").await, Ok(Some(b"other".to_vec())));
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_get_many_fails() {
    let store = open(Provider::Redis).await;
    store.set("a", b"1").await.unwrap();
    assert_eq!(store.get_many(keys(&["x"])).await, Ok(Vec::new()));
    assert!(store.get_many(keys(&["a"])).await.is_err());
    assert!(store.get_many(keys(&["a", "b"])).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn increment_of_value_that_is_not_a_number_fails() {
    let store = open(Provider::Sqlite).await;
    store.set("key", b"text").await.unwrap();
    let broken = store.increment("key", 1).await;
    assert!(matches!(broken, Err(StoreError::Panic(_))), "{broken:?}");
    let dead = store.get("other").await;
    assert!(matches!(dead, Err(StoreError::Panic(_))), "{dead:?}");

    for provider in [Provider::Redis, Provider::Cosmos, Provider::Dynamo] {
        let store = open(provider).await;
        store.set("key", b"text").await.unwrap();
        message(store.increment("key", 1).await);
        assert_eq!(store.get("other").await, Ok(None), "{provider:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn get_of_number_returns_its_encoding_or_fails_on_cosmos() {
    for (provider, value) in [
        (Provider::Sqlite, &7i64.to_le_bytes()[..]),
        (Provider::Redis, b"7"),
        (Provider::Dynamo, b"7"),
    ] {
        let store = open(provider).await;
        store.increment("n", 7).await.unwrap();
        assert_eq!(store.get("n").await, Ok(Some(value.to_vec())));
    }
    let store = open(Provider::Cosmos).await;
    store.increment("n", 7).await.unwrap();
    message(store.get("n").await);
}

/// Returns the results of concurrent increments of the same absent key, each held between its steps
/// until all have reached them.
async fn increments(provider: Provider) -> Vec<Result<i64, StoreError>> {
    const RACERS: usize = 2;
    let barrier = Arc::new(tokio::sync::Barrier::new(RACERS));
    let hook: Hook = Arc::new(move |moment| {
        let barrier = Arc::clone(&barrier);
        // Only the first step is held: a later one may be reached by one call alone.
        let held = moment.phase == Phase::Between(1) && moment.nth <= RACERS as u64;
        let wait = async move {
            if held {
                let wait = barrier.wait();
                let bound = std::time::Duration::from_millis(200);
                _ = tokio::time::timeout(bound, wait).await;
            }
            Fault::None
        };
        wait.boxed()
    });
    let store = open_with(provider, &Storage::Memory, Some(hook)).await;
    let mut results = join_all((0..RACERS).map(|_| store.increment("n", 1))).await;
    results.sort_by_key(Result::is_err);
    results
}

#[tokio::test(flavor = "multi_thread")]
async fn increment_race_has_the_sums_of_its_provider() {
    for provider in [Provider::Sqlite, Provider::Redis] {
        let mut numbers: Vec<_> = increments(provider).await.into_iter().flatten().collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2], "{provider:?}");
    }
    assert_eq!(increments(Provider::Cosmos).await, [Ok(1), Ok(1)]);
    let dynamo = increments(Provider::Dynamo).await;
    assert_eq!(dynamo[0], Ok(1));
    assert!(dynamo[1].is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_values_and_batches_beyond_limits_fail() {
    let cosmos = open(Provider::Cosmos).await;
    for key in ["a/b", "a\\b", "a?b", "a#b"] {
        message(cosmos.set(key, b"").await);
    }
    cosmos.set("it's", b"").await.unwrap();
    message(cosmos.get("it's").await);
    message(cosmos.exists("it's").await);
    message(cosmos.get_many(keys(&["a", "it's"])).await);
    message(cosmos.set("large", &vec![255; 600_000]).await);
    cosmos.set("large", &vec![255; 500_000]).await.unwrap();

    let dynamo = open(Provider::Dynamo).await;
    message(dynamo.set(&"k".repeat(2049), b"").await);
    message(dynamo.get("").await);
    message(dynamo.set("large", &vec![0; 400 << 10]).await);
    dynamo
        .set("large", &vec![0; (400 << 10) - 10])
        .await
        .unwrap();
    let pairs = |count| (0..count).map(|n| pair(&n.to_string(), "")).collect();
    dynamo.set_many(pairs(25)).await.unwrap();
    message(dynamo.set_many(pairs(26)).await);
    message(dynamo.set_many(vec![pair("a", "1"), pair("a", "2")]).await);
    let many = |count| (0..count).map(|n: usize| n.to_string()).collect();
    assert_eq!(dynamo.get_many(many(100)).await.unwrap().len(), 25);
    message(dynamo.get_many(many(101)).await);
    message(dynamo.delete_many(many(26)).await);

    for provider in [Provider::Sqlite, Provider::Redis] {
        let store = open(provider).await;
        store.set("a/b?c#'\\", &vec![0; 1 << 20]).await.unwrap();
        store.set_many(pairs(1000)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_between_steps_of_set_many_leaves_a_part() {
    for (provider, half) in [
        (Provider::Sqlite, false),
        (Provider::Redis, false),
        (Provider::Cosmos, true),
        (Provider::Dynamo, true),
    ] {
        let hook: Hook = Arc::new(|moment| {
            let hit = moment.call == Call::SetMany && moment.phase == Phase::Between(1);
            let fault = if hit {
                Fault::Fail("between".to_owned())
            } else {
                Fault::None
            };
            async { fault }.boxed()
        });
        let store = open_with(provider, &Storage::Memory, Some(hook)).await;
        let result = store.set_many(vec![pair("a", "1"), pair("b", "2")]).await;
        assert_eq!(result.is_err(), half, "{provider:?}");
        assert_eq!(store.exists("a").await, Ok(true));
        assert_eq!(store.exists("b").await, Ok(!half));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn injected_failure_has_no_effect() {
    let hook = fail_every(Call::Set, 2);
    let store = open_with(Provider::Sqlite, &Storage::Memory, Some(hook)).await;
    store.set("a", b"1").await.unwrap();
    message(store.set("a", b"2").await);
    assert_eq!(store.get("a").await, Ok(Some(b"1".to_vec())));
}

#[tokio::test(flavor = "multi_thread")]
async fn directory_storage_survives_reopening() {
    let directory = tempfile::tempdir().unwrap();
    let storage = Storage::Directory(directory.path().join("state"));
    for provider in ALL {
        let store = open_with(provider, &storage, None).await;
        store.set("a", b"1").await.unwrap();
        drop(store);
        let store = open_with(provider, &storage, None).await;
        assert_eq!(store.get("a").await, Ok(Some(b"1".to_vec())));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_listing_holds_the_lock() {
    let store = open(Provider::Sqlite).await;
    let pairs = (0..20).map(|n| pair(&n.to_string(), "")).collect();
    store.set_many(pairs).await.unwrap();
    let mut stream = store.stream_keys().await.unwrap();
    stream.keys.recv().await.unwrap();
    let other = store.clone();
    let get = tokio::spawn(async move { other.get("1").await });
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert!(!get.is_finished());
    while stream.keys.recv().await.is_some() {}
    assert_eq!(get.await.unwrap(), Ok(Some(Vec::new())));
}
