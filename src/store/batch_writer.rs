//! The batch writer of an instance: everything that is written together, in as few writes as the
//! providers allow.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use super::{
    Key, KeyValue, Refused, StoreError,
    due::{self, CreatorHash},
    group_commit::{GroupCommit, Pending, WriteResult},
    journal, read,
    reference::Reference,
    write,
    writer::{Entry, Writer, is_used, number_key},
    yield_now::yield_now,
};
use crate::{order::OrderId, timestamp::Timestamp};

/// Entries that belong together, with the index entries that lead to them. They are one write if
/// they are no more than [`write::MAX_KEYS`].
#[derive(Debug, Default)]
pub(super) struct Record {
    /// Where the order is to be found, if the record files one.
    pub(super) filing: Option<Filing>,
    /// The entries in the order of writing, after the index entries.
    pub(super) entries: Vec<Entry>,
}

/// Where an order is to be found.
#[derive(Debug)]
pub(super) struct Filing {
    pub(super) id: OrderId,
    pub(super) creator: CreatorHash,
    /// The present instant.
    pub(super) now: Timestamp,
    /// When the order is due, if it is to be filed so.
    pub(super) due: Option<Timestamp>,
    /// What else a new order needs.
    pub(super) new: Option<NewFiling>,
}

/// Where an order is to be found as long as it is stored.
#[derive(Debug)]
pub(super) struct NewFiling {
    /// The reference that the order is to be found by.
    pub(super) reference: Option<Reference>,
}

/// The size in bytes from which on a record has a write of its own, after all others. A provider
/// may refuse a large value, which must not fail the records of other requests.
const LARGE: usize = 64 * 1024;

impl Record {
    fn is_large(&self) -> bool {
        is_large(&self.entries)
    }
}

fn is_large(entries: &[Entry]) -> bool {
    entries.iter().map(|(_, value)| value.len()).sum::<usize>() >= LARGE
}

impl Filing {
    /// Adds the entries that lead to the order.
    pub(super) fn add_to(&self, entries: &mut Vec<Entry>, writer: &mut Writer) {
        let Self {
            id,
            creator,
            now,
            due,
            new,
        } = self;
        writer.add_number(entries);
        if let Some(NewFiling { reference }) = new {
            if let Some(reference) = reference {
                reference.file(*id, writer, entries);
            }
            journal::file(*id, *now, writer, entries);
        }
        if let Some(due) = *due {
            due::file(*id, *creator, due, *now, writer, entries);
        }
    }
}

/// Writes the records of all requests of an instance.
#[derive(Debug)]
pub(super) struct BatchWriter<K> {
    pub(super) store: K,
    group: GroupCommit<Record>,
    piggyback: Mutex<Option<Entry>>,
    /// None before the first order, and after a write that failed.
    writer: Mutex<Option<Writer>>,
    is_taking_writer: AtomicBool,
}

impl<K: KeyValue> BatchWriter<K> {
    /// Returns a batch writer over a key-value store.
    pub(super) fn new(store: K) -> Self {
        Self {
            store,
            group: GroupCommit::default(),
            piggyback: Mutex::default(),
            writer: Mutex::default(),
            is_taking_writer: AtomicBool::new(false),
        }
    }

    /// Writes a record, together with those that other requests write at the same time.
    ///
    /// When this returns `Ok`, everything is stored as durably as the provider stores anything.
    pub(super) async fn write(&self, record: Record) -> Result<(), StoreError> {
        if record.filing.is_some() {
            self.ensure_writer().await;
        }
        // Only new orders wait for others: with a wait in each write of a delivery, a run of the
        // trigger kept readers of the same instance waiting for seconds on a slow disk (measured on
        // the local host).
        let is_new_order = matches!(&record.filing, Some(filing) if filing.new.is_some());
        let pause = async {
            if is_new_order {
                self.store.gather().await;
            } else {
                // During the first yield the host still counts the instance as busy, and has another
                // one made for a request that arrives; from the second on it queues the request for
                // this instance (`ProxyHandler` of wasmtime-wasi-http 48, which Spin 4.1 uses in
                // version 47). One yield is enough once the handler counts a waiting instance as free
                // at once.
                yield_now().await;
                yield_now().await;
            }
        };
        let write = |pending| self.write_pending(pending);
        self.group.write(record, pause, write).await
    }

    /// Keeps an entry for the next batch. A later entry replaces it.
    pub(super) fn piggyback(&self, key: Key, value: Vec<u8>) {
        *lock(&self.piggyback) = Some((key, value));
    }

    /// Takes a writer, if the instance has none or a full one.
    pub(super) async fn ensure_writer(&self) {
        loop {
            if lock(&self.writer)
                .as_ref()
                .is_some_and(|writer| !writer.is_full())
            {
                return;
            }
            if !self.is_taking_writer.swap(true, Relaxed) {
                break;
            }
            // Another request takes it.
            self.store.gather().await;
        }
        let _taking = Taking(&self.is_taking_writer);
        let writer = self.new_writer().await;
        *lock(&self.writer) = Some(writer);
    }

    /// Writes entries that this instance's writer makes. The caller must have called
    /// [`Self::ensure_writer`].
    pub(super) fn write_as_writer(
        &self,
        append: impl FnOnce(&mut Writer, &mut Vec<Entry>),
    ) -> Result<(), StoreError> {
        let mut writer = lock(&self.writer);
        let mut entries = Vec::new();
        let own = writer.get_or_insert_with(Writer::random);
        own.add_number(&mut entries);
        append(own, &mut entries);
        let mut distinct = Vec::new();
        for entry in entries {
            add(&mut distinct, vec![entry]);
        }
        let written = write::set(&self.store, distinct);
        if written.is_err() {
            *writer = None;
        }
        written
    }

    /// Returns a numbered writer, or a random one if there is no number.
    async fn new_writer(&self) -> Writer {
        let number = self.store.next_writer().await;
        let numbered = number.and_then(|number| match self.store.get(&number_key()) {
            Ok(known) if !is_used(number, known.as_deref()) => Writer::numbered(number),
            // The sequence was lost and began again, or may have been.
            _ => None,
        });
        numbered.unwrap_or_else(Writer::random)
    }

    /// Writes all pending records, without yielding.
    fn write_pending(&self, pending: Vec<Pending<Record>>) {
        // The small ones first. A sort would need more code.
        let (large, mut pending): (Vec<_>, Vec<_>) =
            pending.into_iter().partition(|one| one.entry.is_large());
        pending.extend(large);
        let mut writer = lock(&self.writer);
        let mut batches = batches(pending, &mut writer);
        if let Some(last) = batches.last_mut()
            && last.entries.len() < write::MAX_KEYS
        {
            last.entries.extend(lock(&self.piggyback).take());
        }
        let mut failed = None;
        for Batch { entries, records } in batches {
            let written = match &failed {
                None => self.store.set_many(entries),
                // What leads to these entries may be missing, or may be overwritten by a late write.
                Some(error) => Err(Refused {
                    error: StoreError::clone(error),
                    entries,
                }),
            };
            let Err(refused) = written else {
                set_all(&records, Ok(()));
                continue;
            };
            *writer = None;
            failed = Some(refused.error.clone());
            self.repair(records, &refused);
        }
    }

    /// Gives each record of a batch that failed an answer of its own: writes it anew if it is not
    /// stored, after the entries that lead to it, under another name.
    fn repair(&self, records: Vec<Written>, refused: &Refused) {
        let (records, others): (Vec<_>, Vec<_>) = records
            .into_iter()
            .partition(|record| record.filing.is_some());
        // An attempt that cannot store its state is repeated.
        set_all(&others, Err(refused.error.clone()));
        if records.is_empty() {
            return;
        }
        let stored = match self.file_again(&records) {
            Ok(stored) => stored,
            Err(error) => return set_all(&records, Err(error)),
        };
        for Written { own, result, .. } in &records {
            let is_own = |(key, _): &&Entry| Some(key) == own.as_ref();
            let is_stored = |(key, _): &&Entry| stored.contains_key(key.as_str());
            let missing = refused
                .entries
                .iter()
                .find(is_own)
                .filter(|own| !is_stored(own));
            result.set(missing.map_or(Ok(()), |own| self.write_alone(own)));
        }
    }

    /// Writes what leads to the orders of these records. Returns the orders that are stored already.
    fn file_again(&self, records: &[Written]) -> Result<HashMap<String, Vec<u8>>, StoreError> {
        let keys: Vec<Key> = records
            .iter()
            .filter_map(|record| record.own.clone())
            .collect();
        let stored = read::all(&self.store, &keys)?;
        let mut entries = Vec::new();
        for filing in records.iter().filter_map(|record| record.filing.as_ref()) {
            let mut own = Vec::new();
            filing.add_to(&mut own, &mut Writer::of_order(filing.id));
            add(&mut entries, own);
        }
        write::set(&self.store, entries)?;
        Ok(stored)
    }

    /// Writes an entry in a write of its own. What leads to it was just written: if the store refuses
    /// this one, it is too large.
    fn write_alone(&self, (key, value): &Entry) -> Result<(), StoreError> {
        let entry = vec![(key.clone(), value.clone())];
        let Err(Refused { error, .. }) = self.store.set_many(entry) else {
            return Ok(());
        };
        match self.store.get(key)? {
            Some(_) => Ok(()),
            None if value.len() >= LARGE => Err(StoreError::TooLarge),
            None => Err(error),
        }
    }
}

fn set_all(records: &[Written], result: Result<(), StoreError>) {
    for record in records {
        record.result.set(result.clone());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the taking of a writer, also if the request is dropped meanwhile.
struct Taking<'a>(&'a AtomicBool);

impl Drop for Taking<'_> {
    fn drop(&mut self) {
        self.0.store(false, Relaxed);
    }
}

/// The entries of one write, and the records whose last entry is among them.
#[derive(Debug, Default)]
struct Batch {
    entries: Vec<Entry>,
    records: Vec<Written>,
}

/// A record in a batch.
#[derive(Debug)]
struct Written {
    filing: Option<Filing>,
    /// The key of its own last entry, if it has any.
    own: Option<Key>,
    result: WriteResult,
}

/// Distributes records to as few batches as possible. A record that fits into one is not split.
fn batches(pending: Vec<Pending<Record>>, writer: &mut Option<Writer>) -> Vec<Batch> {
    let mut full = Vec::new();
    let mut batch = Batch::default();
    for Pending { entry, result } in pending {
        let is_large = entry.is_large();
        let Record {
            filing,
            entries: own,
        } = entry;
        let mut entries = Vec::with_capacity(own.len() + 5);
        if let Some(filing) = &filing {
            filing.add_to(&mut entries, writer.get_or_insert_with(Writer::random));
        }
        let written = Written {
            own: filing.as_ref().and_then(|_| Some(own.last()?.0.clone())),
            filing,
            result,
        };
        entries.extend(own);
        let fits = batch.entries.len() + entries.len() <= write::MAX_KEYS && !is_large;
        if !fits && !batch.entries.is_empty() {
            full.push(std::mem::take(&mut batch));
        }
        while entries.len() > write::MAX_KEYS {
            let rest = entries.split_off(write::MAX_KEYS);
            full.push(Batch {
                entries,
                records: Vec::new(),
            });
            entries = rest;
        }
        add(&mut batch.entries, entries);
        batch.records.push(written);
    }
    full.push(batch);
    full
}

/// Adds entries. Of several with one key, it keeps the last: some providers refuse to write a
/// key twice at once.
fn add(all: &mut Vec<Entry>, entries: Vec<Entry>) {
    if all.is_empty() {
        *all = entries;
        return;
    }
    for (key, value) in entries {
        match all.iter_mut().find(|(known, _)| *known == key) {
            Some(known) => known.1 = value,
            None => all.push((key, value)),
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
        let filing = Filing {
            id: id(number),
            creator: CreatorHash::of(&ttd),
            now,
            due: Some(now),
            new: Some(NewFiling {
                reference: reference.map(|reference| Reference::of(&ttd, reference)),
            }),
        };
        Record {
            filing: Some(filing),
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
        let page = state
            .values
            .iter()
            .find(|(key, _)| key.starts_with("eo:due:2026-06-01T12:00:") && key.ends_with(":0"));
        assert_eq!(page.unwrap().1.len(), 6 * 21);
        assert_eq!(state.values["eo:journal:20605:1B:0"].len(), 6 * 25);
    }

    #[test]
    fn write_more_than_a_provider_takes_splits_no_record() {
        let (store, stores) = stores();
        let records = (0..10).map(|number| record(number, Some("same"), 5));
        assert_eq!(write(&stores, records.collect()), [true; 10]);
        // The first also has nine further entries; each write holds three of the others.
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
    fn write_record_larger_than_the_store_takes_fails_alone() {
        let (store, stores) = stores();
        store.state().max_value = LARGE;
        let mut records: Vec<_> = (1..=4).map(|number| record(number, None, 1)).collect();
        records[1].entries[0].1 = vec![0; LARGE + 1];
        let batches = &stores.orders.0;
        let all = records.into_iter().map(|record| batches.write(record));
        let results = block_on(join_all(all));
        for (place, result) in results.iter().enumerate() {
            assert_eq!(result.is_ok(), place != 1, "{place}");
        }
        assert!(matches!(results[1], Err(StoreError::TooLarge)));
        // The small ones, the large one, what leads to it, and the large one alone.
        assert_eq!(store.state().writes, 4);
    }

    #[test]
    fn write_large_record_on_a_failing_store_is_not_too_large() {
        let (store, stores) = stores();
        let mut large = record(1, None, 1);
        large.entries[0].1 = vec![0; LARGE];
        store.state().cut_next_write_after = Some(0);
        store.state().cuts = 2;
        let result = block_on(stores.orders.0.write(large));
        assert!(matches!(result, Err(StoreError::Host(_))), "{result:?}");
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

    /// The first batch holds two records of five entries each, and fails after so many entries.
    #[test]
    fn write_that_fails_gives_each_record_its_own_answer() {
        for cut in 0..25 {
            let (store, stores) = stores();
            store.state().cut_next_write_after = Some(cut);
            let records = (0..6).map(|number| record(number, Some("same"), 1));
            assert_eq!(write(&stores, records.collect()), [true; 6], "{cut}");
            assert_eq!(stores.orders.find_ids("same").len(), 6, "{cut}");
            for number in 0..6 {
                let key = format!("eo:{number}:0");
                assert_eq!(store.state().values[&key], [number], "{cut}: {key}");
            }
            let due = block_on(stores.due_at("2026-06-01T12:00:30Z"));
            assert_eq!(due, (0..6).map(id).collect::<Vec<_>>(), "{cut}");
            // Later records are found all the same.
            assert_eq!(write(&stores, vec![record(20, Some("same"), 1)]), [true]);
            assert!(stores.orders.find_ids("same").contains(&id(20)));
        }
    }

    #[test]
    fn write_on_a_store_that_is_down_fails() {
        let (store, stores) = stores();
        store.state().cut_next_write_after = Some(0);
        store.state().cuts = 100;
        let records = (0..6).map(|number| record(number, None, 1));
        assert_eq!(write(&stores, records.collect()), [false; 6]);
        // One batch, and one repetition.
        assert!(store.state().writes <= 4, "{}", store.state().writes);
    }

    fn journals(store: &MemoryStore) -> Vec<String> {
        let state = store.state();
        let pages = state
            .values
            .keys()
            .filter_map(|key| key.strip_prefix("eo:journal:20605:"));
        let pages = pages.filter_map(|page| page.strip_suffix(":0"));
        pages.map(str::to_owned).collect()
    }

    #[test]
    fn writer_is_taken_once() {
        let (store, stores) = stores();
        let records = (0..3).map(|number| record(number, None, 1));
        assert_eq!(write(&stores, records.collect()), [true; 3]);
        assert_eq!(write(&stores, vec![record(3, None, 1)]), [true]);
        assert_eq!(store.state().writers, 1);
        assert_eq!(journals(store), ["1B"]);
        assert_eq!(store.state().values["eo:writers"], b"1");
    }

    #[test]
    fn writer_of_a_sequence_that_was_lost_has_a_random_name() {
        let (store, stores) = stores();
        store.state().writers = 4999;
        assert_eq!(write(&stores, vec![record(0, None, 1)]), [true]);
        store.state().writers = 0;
        let other = Stores::new(store);
        assert_eq!(write(&other, vec![record(1, None, 1)]), [true]);
        let journals = journals(store);
        assert!(journals.contains(&"3BOI".to_owned()), "{journals:?}");
        assert!(
            journals.iter().any(|name| name.starts_with('0')),
            "{journals:?}"
        );
    }

    #[test]
    fn writer_without_a_sequence_has_a_random_name_and_is_found() {
        let (store, stores) = stores();
        store.state().has_no_sequence = true;
        assert_eq!(write(&stores, vec![record(0, Some("same"), 1)]), [true]);
        assert_eq!(stores.orders.find_ids("same"), [id(0)]);
        assert_eq!(block_on(stores.due_at("2026-06-01T12:00:30Z")), [id(0)]);
        assert!(journals(store)[0].starts_with('0'));
    }

    #[test]
    fn postponed_order_is_filed_before_its_state_says_so() {
        for writes in 0..2 {
            for kept in 0..12 {
                let (store, stores) = stores();
                let now = Timestamp::parse("2026-06-01T12:00:30Z").unwrap();
                assert_eq!(write(&stores, vec![record(0, None, 1)]), [true]);
                store.state().writes_before_cut = writes;
                store.state().cut_next_write_after = Some(kept);
                store.state().cuts = 2;
                let filing = Filing {
                    id: id(0),
                    creator: CreatorHash::of(&Creator::new("ttd").unwrap()),
                    now,
                    due: Some(now.plus_seconds(600)),
                    new: None,
                };
                let batches = &stores.orders.0;
                let filed = Record {
                    filing: Some(filing),
                    entries: Vec::new(),
                };
                let is_filed = block_on(batches.write(filed)).is_ok();
                store.state().cut_next_write_after = None;
                let later = block_on(stores.due_at("2026-06-01T12:11:00Z"));
                assert!(!is_filed || later.contains(&id(0)), "{writes} {kept}");
            }
        }
    }
}
