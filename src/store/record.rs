//! What is stored together, and in as few writes as the providers allow.

use super::{
    Key, KeyValue, Lane, Orders, StoreError, due,
    group_commit::{Outcome, Waiting},
    reference::Reference,
    write,
};
use crate::{order::OrderId, timestamp::Timestamp};

/// Entries that belong together, with what finds them: one write, if they are no more than
/// [`write::MAX_KEYS`].
#[derive(Debug)]
pub(super) struct Record {
    /// The order that they are about.
    pub(super) id: OrderId,
    /// The reference that is to find it.
    pub(super) reference: Option<Reference>,
    /// When it is to be found as due, and what time it is.
    pub(super) due: Option<(Timestamp, Timestamp)>,
    /// They are written in their order, after what finds the order.
    pub(super) entries: Vec<(Key, Vec<u8>)>,
}

/// From this size on, in bytes, a record has a write of its own, and comes last: a provider may
/// refuse what is so large, and nobody else shall be told that.
const LARGE: usize = 64 * 1024;

impl Record {
    fn is_large(&self) -> bool {
        let size = |(_, value): &(Key, Vec<u8>)| value.len();
        self.entries.iter().map(size).sum::<usize>() >= LARGE
    }

    fn entries(self, lane: &mut Lane) -> Vec<(Key, Vec<u8>)> {
        let Self {
            id,
            reference,
            due,
            entries,
        } = self;
        let mut all = Vec::with_capacity(entries.len() + 3);
        if let Some(reference) = reference {
            all.extend(reference.file(id, lane));
        }
        if let Some((due, now)) = due {
            all.extend(due::file(id, due, now, lane));
        }
        all.extend(entries);
        all
    }
}

impl<K: KeyValue> Orders<K> {
    /// Stores a record, by a write that it may share with others that come at the same time.
    ///
    /// When this returns `Ok`, everything is stored as durably as the provider stores anything.
    pub(super) async fn keep(&self, record: Record) -> Result<(), StoreError> {
        let write = |waiting| self.write(waiting);
        self.group.store(record, write).await
    }

    /// Stores all of these; nothing is awaited meanwhile.
    fn write(&self, waiting: Vec<Waiting<Record>>) {
        // The small ones first. A sort would add 10 KB to the component.
        let (large, mut waiting): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|one| one.entry.is_large());
        waiting.extend(large);
        let mut lane = self.lane();
        let mut batches = batches(waiting, &mut lane);
        if let Some(last) = batches.last_mut()
            && last.entries.len() < write::MAX_KEYS
        {
            last.entries.extend(self.along().take());
        }
        let mut result = Ok(());
        for Batch { entries, outcomes } in batches {
            // Behind a write that failed, slots of the lane would be missing.
            if result.is_ok() {
                result = self.commit(&mut lane, entries);
            }
            for outcome in outcomes {
                outcome.set(result.clone());
            }
        }
    }
}

/// What is written at once, and who is told then: those whose last entry is in it.
#[derive(Debug, Default)]
struct Batch {
    entries: Vec<(Key, Vec<u8>)>,
    outcomes: Vec<Outcome>,
}

/// As few writes as can be, each record in one of them if it fits.
fn batches(waiting: Vec<Waiting<Record>>, lane: &mut Lane) -> Vec<Batch> {
    let mut full = Vec::new();
    let mut batch = Batch::default();
    for Waiting { entry, outcome } in waiting {
        let is_large = entry.is_large();
        let mut entries = entry.entries(lane);
        let fits = batch.entries.len() + entries.len() <= write::MAX_KEYS && !is_large;
        if !fits && !batch.entries.is_empty() {
            full.push(std::mem::take(&mut batch));
        }
        while entries.len() > write::MAX_KEYS {
            let rest = entries.split_off(write::MAX_KEYS);
            full.push(Batch {
                entries,
                outcomes: Vec::new(),
            });
            entries = rest;
        }
        batch.add(entries);
        batch.outcomes.push(outcome);
    }
    full.push(batch);
    full
}

impl Batch {
    /// Adds entries; of one key, which some providers refuse to write twice at once, the last.
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
    use crate::{order::Creator, store::MemoryStore};

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

    fn orders() -> (&'static MemoryStore, Orders<&'static MemoryStore>) {
        let store: &'static MemoryStore = Box::leak(Box::default());
        (store, Orders::new(store))
    }

    /// Keeps all of these at the same time.
    fn keep(orders: &Orders<&'static MemoryStore>, records: Vec<Record>) -> Vec<bool> {
        let all = records.into_iter().map(|record| orders.keep(record));
        let results = block_on(join_all(all));
        results.into_iter().map(|result| result.is_ok()).collect()
    }

    #[test]
    fn what_comes_at_once_is_one_write() {
        let (store, orders) = orders();
        assert_eq!(keep(&orders, vec![record(0, None, 1)]), [true]);
        store.state().writes = 0;
        let records = (1..=5).map(|number| record(number, Some("same"), 2));
        assert_eq!(keep(&orders, records.collect()), [true; 5]);
        let found = orders.find_ids("same");
        assert_eq!(found, (1..=5).map(id).collect::<Vec<_>>());
        let state = store.state();
        assert_eq!(state.writes, 1);
        let slots = state.values.iter().filter(|(key, value)| {
            key.starts_with("eo:due:2026-06-01T12:00:") && value.len() == 16
        });
        assert_eq!(slots.count(), 6);
    }

    #[test]
    fn more_than_a_provider_takes_is_several_writes_and_no_record_is_torn() {
        let (store, orders) = orders();
        let records = (0..10).map(|number| record(number, Some("same"), 5));
        assert_eq!(keep(&orders, records.collect()), [true; 10]);
        // The first has 10 markers besides; three of the others go with each write.
        assert_eq!(store.state().writes, 4);
        assert_eq!(orders.find_ids("same").len(), 10);
        for number in 0..10 {
            for entry in 0..5 {
                let key = format!("eo:{number}:{entry}");
                assert_eq!(store.state().values[&key], [number], "{key}");
            }
        }
    }

    #[test]
    fn a_large_record_is_several_writes() {
        let (store, orders) = orders();
        let records = vec![record(0, None, 1), record(1, None, 60), record(2, None, 1)];
        assert_eq!(keep(&orders, records), [true; 3]);
        assert_eq!(store.state().writes, 4);
        let large = (0..60).filter(|entry| {
            let key = format!("eo:1:{entry}");
            store.state().values.contains_key(&key)
        });
        assert_eq!(large.count(), 60);
    }

    #[test]
    fn what_is_too_large_fails_alone() {
        let (store, orders) = orders();
        assert_eq!(keep(&orders, vec![record(0, None, 1)]), [true]);
        store.state().writes = 0;
        store.state().writes_before_cut = 1;
        store.state().cut_next_write_after = Some(0);
        let mut records: Vec<_> = (1..=4).map(|number| record(number, None, 1)).collect();
        records[1].entries[0].1 = vec![0; LARGE];
        assert_eq!(keep(&orders, records), [true, false, true, true]);
        assert_eq!(store.state().writes, 2);
    }

    #[test]
    fn a_token_goes_along_with_the_next_write() {
        let (store, orders) = orders();
        orders.share_token("0a1", b"{}".to_vec());
        assert_eq!(orders.shared_token("0a1").unwrap(), None);
        for number in 0..2 {
            assert_eq!(keep(&orders, vec![record(number, None, 1)]), [true]);
            assert_eq!(orders.shared_token("0a1").unwrap(), Some(b"{}".to_vec()));
        }
        assert_eq!(store.state().writes, 2);
    }

    #[test]
    fn behind_a_write_that_fails_nothing_is_written() {
        let (store, orders) = orders();
        store.state().writes_before_cut = 1;
        store.state().cut_next_write_after = Some(3);
        let records = (0..10).map(|number| record(number, Some("same"), 5));
        let kept = keep(&orders, records.collect());
        assert!(kept[0] && !kept[1..].contains(&true), "{kept:?}");
        assert_eq!(store.state().writes, 2);
        // What comes later is found all the same.
        assert_eq!(keep(&orders, vec![record(20, Some("same"), 1)]), [true]);
        assert!(orders.find_ids("same").contains(&id(20)));
    }
}
