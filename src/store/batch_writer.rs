//! The batch writer of an instance: everything that is written together, in as few writes as the
//! providers allow.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{
    Key, KeyValue, StoreError, due,
    group_commit::{GroupCommit, Pending, WriteResult},
    reference::Reference,
    write,
    writer::Writer,
    yield_now::yield_now,
};
use crate::{order::OrderId, timestamp::Timestamp};

/// Entries that belong together, with the index entries that lead to them. They are one write if
/// they are no more than [`write::MAX_KEYS`].
#[derive(Debug)]
pub(super) struct Record {
    /// The order that the entries are about.
    pub(super) id: OrderId,
    /// The reference that the order is to be found by.
    pub(super) reference: Option<Reference>,
    /// When the order is due, and the present instant.
    pub(super) due: Option<(Timestamp, Timestamp)>,
    /// The entries in the order of writing, after the index entries.
    pub(super) entries: Vec<(Key, Vec<u8>)>,
}

/// The size in bytes from which on a record has a write of its own, after all others. A provider
/// may refuse a large value, which must not fail the records of other requests.
const LARGE: usize = 64 * 1024;

impl Record {
    fn is_large(&self) -> bool {
        let size = |(_, value): &(Key, Vec<u8>)| value.len();
        self.entries.iter().map(size).sum::<usize>() >= LARGE
    }

    fn entries(self, writer: &mut Writer) -> Vec<(Key, Vec<u8>)> {
        let Self {
            id,
            reference,
            due,
            entries,
        } = self;
        let mut all = Vec::with_capacity(entries.len() + 3);
        if let Some(reference) = reference {
            all.extend(reference.file(id, writer));
        }
        if let Some((due, now)) = due {
            all.extend(due::file(id, due, now, writer));
        }
        all.extend(entries);
        all
    }
}

/// Writes the records of all requests of an instance.
#[derive(Debug)]
pub(super) struct BatchWriter<K> {
    pub(super) store: K,
    group: GroupCommit<Record>,
    piggyback: Mutex<Option<(Key, Vec<u8>)>>,
    writer: Mutex<Writer>,
}

impl<K: KeyValue> BatchWriter<K> {
    /// Returns a batch writer over a key-value store.
    pub(super) fn new(store: K) -> Self {
        Self {
            store,
            group: GroupCommit::default(),
            piggyback: Mutex::default(),
            writer: Mutex::default(),
        }
    }

    /// Writes a record, together with those that other requests write at the same time.
    ///
    /// When this returns `Ok`, everything is stored as durably as the provider stores anything.
    pub(super) async fn write(&self, record: Record) -> Result<(), StoreError> {
        // During the first yield the host still counts the instance as busy, and has another one made
        // for a request that arrives; from the second on it queues the request for this instance
        // (`ProxyHandler` of wasmtime-wasi-http 48, which Spin 4.1 uses in version 47). One yield is
        // enough once the handler counts a waiting instance as free at once.
        let pause = async {
            yield_now().await;
            yield_now().await;
        };
        let write = |pending| self.write_pending(pending);
        self.group.write(record, pause, write).await
    }

    /// Writes the record of a new order, after a wait for other new orders.
    ///
    /// Deliveries do not wait: with a wait in each of them, a run of the trigger kept readers of the
    /// same instance waiting for seconds on a slow disk (measured on the local host).
    pub(super) async fn write_new(&self, record: Record) -> Result<(), StoreError> {
        let write = |pending| self.write_pending(pending);
        self.group.write(record, self.store.gather(), write).await
    }

    /// Keeps an entry for the next batch. A later entry replaces it.
    pub(super) fn piggyback(&self, key: Key, value: Vec<u8>) {
        *self.pending_piggyback() = Some((key, value));
    }

    fn pending_piggyback(&self) -> MutexGuard<'_, Option<(Key, Vec<u8>)>> {
        self.piggyback
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes all pending records, without yielding.
    fn write_pending(&self, pending: Vec<Pending<Record>>) {
        // The small ones first. A sort would need more code.
        let (large, mut pending): (Vec<_>, Vec<_>) =
            pending.into_iter().partition(|one| one.entry.is_large());
        pending.extend(large);
        let mut writer = self.writer();
        let mut batches = batches(pending, &mut writer);
        if let Some(last) = batches.last_mut()
            && last.entries.len() < write::MAX_KEYS
        {
            last.entries.extend(self.pending_piggyback().take());
        }
        let mut result = Ok(());
        for Batch { entries, results } in batches {
            // After a batch that failed, slots of the writer would be missing.
            if result.is_ok() {
                result = self.write_batch(&mut writer, entries);
            }
            for one in results {
                one.set(result.clone());
            }
        }
    }

    /// Writes entries in one write. If it fails, the instance takes a new writer: the slots of this
    /// one may have been written all the same, and must not be taken twice.
    fn write_batch(
        &self,
        writer: &mut Writer,
        entries: Vec<(Key, Vec<u8>)>,
    ) -> Result<(), StoreError> {
        self.store
            .set_many(entries)
            .inspect_err(|_| *writer = Writer::default())
    }

    /// Returns the writer of this instance.
    fn writer(&self) -> MutexGuard<'_, Writer> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if writer.is_full() {
            *writer = Writer::default();
        }
        writer
    }
}

/// The entries of one write, and the results of the records whose last entry is among them.
#[derive(Debug, Default)]
struct Batch {
    entries: Vec<(Key, Vec<u8>)>,
    results: Vec<WriteResult>,
}

/// Distributes records to as few batches as possible. A record that fits into one is not split.
fn batches(pending: Vec<Pending<Record>>, writer: &mut Writer) -> Vec<Batch> {
    let mut full = Vec::new();
    let mut batch = Batch::default();
    for Pending { entry, result } in pending {
        let is_large = entry.is_large();
        let mut entries = entry.entries(writer);
        let fits = batch.entries.len() + entries.len() <= write::MAX_KEYS && !is_large;
        if !fits && !batch.entries.is_empty() {
            full.push(std::mem::take(&mut batch));
        }
        while entries.len() > write::MAX_KEYS {
            let rest = entries.split_off(write::MAX_KEYS);
            full.push(Batch {
                entries,
                results: Vec::new(),
            });
            entries = rest;
        }
        batch.add(entries);
        batch.results.push(result);
    }
    full.push(batch);
    full
}

impl Batch {
    /// Adds entries. Of several with one key, it keeps the last: some providers refuse to write a
    /// key twice at once.
    fn add(&mut self, entries: Vec<(Key, Vec<u8>)>) {
        if self.entries.is_empty() {
            self.entries = entries;
            return;
        }
        for (key, value) in entries {
            match self.entries.iter_mut().find(|(known, _)| *known == key) {
                Some(known) => known.1 = value,
                None => self.entries.push((key, value)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;
    use futures_util::future::join_all;

    use super::*;
    use crate::{
        order::Creator,
        store::{MemoryStore, Stores},
    };

    fn id(number: u8) -> OrderId {
        OrderId::from_bytes([number; 16])
    }

    fn record(number: u8, reference: Option<&str>, entries: usize) -> Record {
        let ttd = Creator::new("ttd").unwrap();
        let now = Timestamp::parse("2026-06-01T12:00:30Z").unwrap();
        let key = |entry| (Key::of(format_args!("{number}:{entry}")), vec![number]);
        Record {
            id: id(number),
            reference: reference.map(|reference| Reference::of(&ttd, reference)),
            due: Some((now, now)),
            entries: (0..entries).map(key).collect(),
        }
    }

    fn stores() -> (&'static MemoryStore, Stores<&'static MemoryStore>) {
        let store: &'static MemoryStore = Box::leak(Box::default());
        (store, Stores::new(store))
    }

    /// Writes all of these at the same time, and returns which succeeded.
    fn write(stores: &Stores<&'static MemoryStore>, records: Vec<Record>) -> Vec<bool> {
        let batches = &stores.orders.0;
        let all = records.into_iter().map(|record| batches.write(record));
        let results = block_on(join_all(all));
        results.into_iter().map(|result| result.is_ok()).collect()
    }

    #[test]
    fn write_concurrent_records_are_one_write() {
        let (store, stores) = stores();
        assert_eq!(write(&stores, vec![record(0, None, 1)]), [true]);
        store.state().writes = 0;
        let records = (1..=5).map(|number| record(number, Some("same"), 2));
        assert_eq!(write(&stores, records.collect()), [true; 5]);
        let found = stores.orders.find_ids("same");
        assert_eq!(found, (1..=5).map(id).collect::<Vec<_>>());
        let state = store.state();
        assert_eq!(state.writes, 1);
        let slots = state.values.iter().filter(|(key, value)| {
            key.starts_with("eo:due:2026-06-01T12:00:") && value.len() == 16
        });
        assert_eq!(slots.count(), 6);
    }

    #[test]
    fn write_more_than_a_provider_takes_splits_no_record() {
        let (store, stores) = stores();
        let records = (0..10).map(|number| record(number, Some("same"), 5));
        assert_eq!(write(&stores, records.collect()), [true; 10]);
        // The first also has 10 markers; each write holds three of the others.
        assert_eq!(store.state().writes, 4);
        assert_eq!(stores.orders.find_ids("same").len(), 10);
        for number in 0..10 {
            for entry in 0..5 {
                let key = format!("eo:{number}:{entry}");
                assert_eq!(store.state().values[&key], [number], "{key}");
            }
        }
    }

    #[test]
    fn write_record_of_many_entries_is_several_writes() {
        let (store, stores) = stores();
        let records = vec![record(0, None, 1), record(1, None, 60), record(2, None, 1)];
        assert_eq!(write(&stores, records), [true; 3]);
        assert_eq!(store.state().writes, 4);
        let large = (0..60).filter(|entry| {
            let key = format!("eo:1:{entry}");
            store.state().values.contains_key(&key)
        });
        assert_eq!(large.count(), 60);
    }

    #[test]
    fn write_refused_large_record_fails_alone() {
        let (store, stores) = stores();
        assert_eq!(write(&stores, vec![record(0, None, 1)]), [true]);
        store.state().writes = 0;
        store.state().writes_before_cut = 1;
        store.state().cut_next_write_after = Some(0);
        let mut records: Vec<_> = (1..=4).map(|number| record(number, None, 1)).collect();
        records[1].entries[0].1 = vec![0; LARGE];
        assert_eq!(write(&stores, records), [true, false, true, true]);
        assert_eq!(store.state().writes, 2);
    }

    #[test]
    fn share_token_is_written_with_the_next_batch() {
        let (store, stores) = stores();
        stores.cache.share_token("0a1", b"{}".to_vec());
        assert_eq!(stores.cache.shared_token("0a1").unwrap(), None);
        for number in 0..2 {
            assert_eq!(write(&stores, vec![record(number, None, 1)]), [true]);
            assert_eq!(
                stores.cache.shared_token("0a1").unwrap(),
                Some(b"{}".to_vec())
            );
        }
        assert_eq!(store.state().writes, 2);
    }

    #[test]
    fn write_after_a_failed_batch_nothing_is_written() {
        let (store, stores) = stores();
        store.state().writes_before_cut = 1;
        store.state().cut_next_write_after = Some(3);
        let records = (0..10).map(|number| record(number, Some("same"), 5));
        let succeeded = write(&stores, records.collect());
        assert!(
            succeeded[0] && !succeeded[1..].contains(&true),
            "{succeeded:?}"
        );
        assert_eq!(store.state().writes, 2);
        // Later records are found all the same.
        assert_eq!(write(&stores, vec![record(20, Some("same"), 1)]), [true]);
        assert!(stores.orders.find_ids("same").contains(&id(20)));
    }
}
