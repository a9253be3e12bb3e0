//! The calls that a scan makes, and what it finds.

use futures_executor::block_on;

use super::*;
use crate::{
    order::{
        EmailAddress, Fingerprint, NewOrder, Order, OrderRequest, OrderState, ProcessingStatus,
    },
    store::{MemoryStore, Provider, Stores},
};

const NOW: &str = "2026-06-01T12:00:30Z";

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn store(provider: Provider) -> &'static MemoryStore {
    Box::leak(Box::new(MemoryStore::like(provider)))
}

fn order(creator: &str, due: Timestamp) -> Order {
    let json = br#"{"subject":"s","body":"b","recipients":[{"emailAddress":"a@b.no"}]}"#;
    let request = OrderRequest::parse(json).unwrap();
    let order = NewOrder::validate(&request, at(NOW)).unwrap().register(
        OrderId::new(at(NOW)),
        Creator::new(creator).unwrap(),
        at(NOW),
        EmailAddress::parse("noreply@altinn.cloud").unwrap(),
        Some(Fingerprint::of(&request)),
    );
    Order {
        requested_send_time: due,
        ..order
    }
}

type TestStores = Stores<&'static MemoryStore>;

/// Places an order of a creator.
fn place(stores: &TestStores, creator: &str, due: Timestamp) -> OrderId {
    let order = order(creator, due);
    block_on(stores.orders.insert(&order, at(NOW))).unwrap();
    order.id
}

fn settle(stores: &TestStores, id: OrderId) {
    let state = OrderState {
        status: ProcessingStatus::Completed,
        ..OrderState::cancelled(at(NOW))
    };
    block_on(stores.orders.set_state(id, &state)).unwrap();
}

impl Stores<&'static MemoryStore> {
    /// Returns what a run finds.
    async fn found_at(&self, now: Timestamp, room: usize) -> Vec<OrderId> {
        let clock = || now;
        let pace = Pace::new(&clock, now, now);
        let (minutes, _) = self.due.minutes(now, &pace).await.unwrap();
        let mut ready = Vec::new();
        let scan = self.due.scan(&minutes, now, room, &pace, &mut ready);
        scan.await.unwrap();
        ready
    }

    /// Returns everything that is due, sorted.
    pub(in crate::store) async fn due_at(&self, now: &str) -> Vec<OrderId> {
        let mut found = self.found_at(at(now), usize::MAX).await;
        found.sort_unstable();
        found
    }
}

fn due_keys(store: &MemoryStore) -> Vec<String> {
    let state = store.state();
    let due = state.values.keys().filter(|key| key.starts_with("eo:due:"));
    due.cloned().collect()
}

/// Returns the number of reads during a step.
fn reads<T>(store: &MemoryStore, step: impl FnOnce() -> T) -> (T, usize) {
    let before = store.state().reads;
    let result = step();
    (result, store.state().reads - before)
}

#[test]
fn orders_of_as_many_instances_are_found_in_few_calls() {
    const ORDERS: usize = 10_000;
    for (provider, first, all) in [
        (Provider::Sqlite, 30, 600),
        (Provider::Redis, 5 * 200 + 400, 5 * ORDERS),
    ] {
        let store = store(provider);
        let due = at("2026-06-01T13:00:10Z");
        for _ in 0..ORDERS {
            place(&Stores::new(store), "ttd", due);
        }
        let stores = Stores::new(store);
        let (found, calls) = reads(store, || block_on(stores.found_at(due, 200)));
        assert!((200..300).contains(&found.len()));
        assert!(calls <= first, "{calls} calls");
        let (found, calls) = reads(store, || block_on(stores.found_at(due, usize::MAX)));
        assert_eq!(found.len(), ORDERS);
        assert!(calls <= all, "{calls} calls");
    }
}

#[test]
fn orders_of_instances_without_a_sequence_are_found() {
    let store = store(Provider::Sqlite);
    store.state().has_no_sequence = true;
    let due = at("2026-06-01T13:00:10Z");
    let mut placed: Vec<_> = (0..300)
        .map(|_| place(&Stores::new(store), "ttd", due))
        .collect();
    placed.sort_unstable();
    let stores = Stores::new(store);
    assert_eq!(block_on(stores.due_at("2026-06-01T13:00:10Z")), placed);
}

#[test]
fn nothing_due_among_orders_for_many_minutes_takes_two_reads() {
    let store = store(Provider::Sqlite);
    let stores = Stores::new(store);
    for minute in 0..10_000 {
        place(&stores, "ttd", at(NOW).plus_seconds(3600 + 60 * minute));
    }
    for now in [NOW, "2026-06-01T12:58:00Z"] {
        let (found, calls) = reads(store, || block_on(stores.found_at(at(now), 200)));
        assert_eq!(found, []);
        assert!(calls <= 2, "{now}: {calls} calls");
    }
}

#[test]
fn creator_with_many_orders_delays_no_other_creator() {
    let store = store(Provider::Sqlite);
    let due = at("2026-06-01T13:00:10Z");
    let stores = Stores::new(store);
    for number in 0..5_000 {
        if number % 100 == 0 {
            // Each instance has a hundred.
            place(&Stores::new(store), "large", due);
        }
        place(&stores, "large", due);
    }
    let placed: Vec<_> = (0..40)
        .map(|number| place(&Stores::new(store), &format!("small-{number}"), due))
        .collect();
    let lane = |creator: &str| CreatorHash::of(&Creator::new(creator).unwrap()).lane();
    let found = block_on(stores.found_at(due, 200));
    assert!(found.len() < 300, "{}", found.len());
    for (number, id) in placed.iter().enumerate() {
        if lane(&format!("small-{number}")) != lane("large") {
            assert!(found.contains(id), "{number}");
        }
    }
    // The other half of a run is the large creator's.
    assert!(found.len() >= 60, "{}", found.len());
}

#[test]
fn creators_of_one_lane_take_turns_as_far_as_the_run_has_read() {
    let lane = |creator: &str| CreatorHash::of(&Creator::new(creator).unwrap()).lane();
    let other = (0..).map(|number| format!("other-{number}"));
    let other = other
        .into_iter()
        .find(|other| lane(other) == lane("large"))
        .unwrap();
    let store = store(Provider::Sqlite);
    let due = at("2026-06-01T13:00:10Z");
    for _ in 0..20 {
        let stores = Stores::new(store);
        for _ in 0..100 {
            place(&stores, "large", due);
        }
    }
    let id = place(&Stores::new(store), &other, due);
    let found = block_on(Stores::new(store).found_at(due, 20));
    assert!(found.len() < 40 && found.contains(&id), "{}", found.len());
}

#[test]
fn orders_that_are_due_later_in_the_minute_take_no_place() {
    let store = store(Provider::Sqlite);
    let stores = Stores::new(store);
    for _ in 0..500 {
        place(&stores, "ttd", at("2026-06-01T13:00:40Z"));
    }
    let soon = place(&stores, "ttd", at("2026-06-01T13:00:15Z"));
    let now = at("2026-06-01T13:00:10Z");
    let (found, calls) = reads(store, || block_on(stores.found_at(now, 200)));
    assert_eq!(found, [soon]);
    // Their states are not read.
    assert!(calls <= 21, "{calls} calls");
    let found = block_on(stores.found_at(at("2026-06-01T13:00:36Z"), 200));
    assert!(found.len() >= 200, "{}", found.len());
    // The minute is kept until all are settled.
    for id in block_on(stores.found_at(at("2026-06-01T13:01:00Z"), 1000)) {
        settle(&stores, id);
    }
    let found = block_on(stores.found_at(at("2026-06-01T13:30:00Z"), 1000));
    assert_eq!(found, []);
}

#[test]
fn orders_that_are_not_due_yet_take_no_time_of_other_creators() {
    let store = store(Provider::Sqlite);
    for _ in 0..20 {
        let stores = Stores::new(store);
        for _ in 0..100 {
            place(&stores, "large", at("2026-06-01T13:00:50Z"));
        }
    }
    let stores = Stores::new(store);
    let placed: Vec<_> = (0..40)
        .map(|number| {
            place(
                &stores,
                &format!("small-{number}"),
                at("2026-06-01T13:00:05Z"),
            )
        })
        .collect();
    let now = at("2026-06-01T13:00:10Z");
    let found = block_on(stores.found_at(now, 200));
    assert_eq!(found.len(), placed.len());
}

#[test]
fn present_minute_does_not_wait_for_a_backlog() {
    let store = store(Provider::Sqlite);
    let stores = Stores::new(store);
    for minute in 0..60 {
        for _ in 0..20 {
            place(&stores, "ttd", at(NOW).plus_seconds(60 * minute));
        }
    }
    let now = at("2026-06-01T13:00:10Z");
    let present = place(&stores, "ttd", now);
    let found = block_on(stores.found_at(now, 200));
    assert!(found.contains(&present));
    assert!(found.len() < 300, "{}", found.len());
}

#[test]
fn every_minute_is_reached_whatever_lies_before_it() {
    let store = store(Provider::Sqlite);
    let stores = Stores::new(store);
    let blocked = OrderState::reserved(&order("ttd", at(NOW)), at("2027-01-01T00:00:00Z"));
    let mut ready = Vec::new();
    for minute in 0..300 {
        let id = place(&stores, "ttd", at(NOW).plus_seconds(60 * minute));
        if minute % 100 == 50 {
            ready.push(id);
        } else {
            block_on(stores.orders.set_state(id, &blocked)).unwrap();
        }
    }
    let now = at("2026-06-01T18:00:00Z");
    let mut runs = 0;
    while !ready.is_empty() {
        for id in block_on(stores.found_at(now, 200)) {
            settle(&stores, id);
            ready.retain(|left| *left != id);
        }
        runs += 1;
        assert!(runs < 500, "{} are not found", ready.len());
    }
}

#[test]
fn large_minute_is_cleared_in_one_run() {
    let store = store(Provider::Sqlite);
    let due = at("2026-06-01T13:00:10Z");
    let mut placed = Vec::new();
    for _ in 0..11 {
        let stores = Stores::new(store);
        placed.extend((0..128).map(|_| place(&stores, "ttd", due)));
    }
    let stores = Stores::new(store);
    for id in &placed[1..] {
        settle(&stores, *id);
    }
    let now = at("2026-06-01T13:30:00Z");
    assert_eq!(block_on(stores.found_at(now, 200)), [placed[0]]);
    // The pages of ten writers are gone; those of the first one are kept.
    let pages = due_keys(store).len();
    assert!(pages < 20, "{pages}");
    settle(&stores, placed[0]);
    assert_eq!(block_on(stores.found_at(now, 200)), []);
    // One kind of period a run.
    for _ in 0..3 {
        block_on(stores.found_at(at("2026-08-01T00:00:00Z"), 200));
    }
    assert_eq!(due_keys(store), Vec::<String>::new());
}

/// The store fails at one deletion, which may be done in part.
#[test]
fn clearing_that_was_cut_off_is_continued() {
    for deletions in 0..12 {
        for kept in [0, 1, 10] {
            let store = store(Provider::Sqlite);
            let due = at("2026-06-01T13:00:10Z");
            let stores = Stores::new(store);
            let mut placed: Vec<_> = (0..70).map(|_| place(&stores, "ttd", due)).collect();
            placed.extend((0..70).map(|_| place(&Stores::new(store), "ttd", due)));
            for id in placed {
                settle(&stores, id);
            }
            let now = at("2026-06-01T13:30:00Z");
            store.state().writes_before_cut = deletions;
            store.state().cut_next_write_after = Some(kept);
            let clock = || now;
            let pace = Pace::new(&clock, now, now);
            let (minutes, _) = block_on(stores.due.minutes(now, &pace)).unwrap();
            let mut ready = Vec::new();
            // Fails.
            _ = block_on(stores.due.scan(&minutes, now, 200, &pace, &mut ready));
            store.state().cut_next_write_after = None;
            for _ in 0..5 {
                let now = at("2026-08-01T00:00:00Z");
                assert_eq!(block_on(stores.found_at(now, 200)), []);
            }
            assert_eq!(due_keys(store), Vec::<String>::new(), "{deletions} {kept}");
        }
    }
}
