//! Placing orders: each with all that finds it, in one write.

use super::{
    Key, KeyValue, Lane, Orders, StoreError, due,
    group_commit::{Outcome, Waiting},
    orders::{order_key, to_json},
    reference::{Pages, Reference},
    write,
};
use crate::{
    order::{Order, OrderId},
    timestamp::Timestamp,
};

/// An order that is to be stored.
#[derive(Debug)]
pub(super) struct Placement {
    id: OrderId,
    json: Vec<u8>,
    reference: Option<Reference>,
    due: Timestamp,
    now: Timestamp,
}

impl Placement {
    fn of(order: &Order, now: Timestamp) -> Result<Self, StoreError> {
        Ok(Self {
            id: order.id,
            json: to_json(order.id, order)?,
            reference: Reference::of_order(order),
            due: order.requested_send_time,
            now,
        })
    }

    /// What is to be written: the order last.
    fn entries(self, pages: &mut Pages, lane: &mut Lane) -> Vec<(Key, Vec<u8>)> {
        let reference = self.reference.as_ref();
        let found_by = reference.map(|reference| pages.file(self.id, reference, lane));
        let mut entries: Vec<_> = found_by.into_iter().flatten().collect();
        entries.extend(due::file(self.id, self.due, self.now, lane));
        entries.push((order_key(self.id), self.json));
        entries
    }
}

impl<K: KeyValue> Orders<K> {
    /// Stores an order together with what finds it, in one write, which it may share with others
    /// that are placed at the same time.
    ///
    /// When this returns `Ok`, everything is stored as durably as the provider stores anything.
    pub async fn insert(&self, order: &Order, now: Timestamp) -> Result<(), StoreError> {
        let placement = Placement::of(order, now)?;
        let write = |waiting| self.place(waiting);
        self.placing.store(placement, write).await
    }

    /// Stores all of these.
    fn place(&self, waiting: Vec<Waiting<Placement>>) {
        // From here to the end nothing is awaited.
        let mut lane = self.lane();
        let references = waiting
            .iter()
            .filter_map(|one| one.entry.reference.as_ref());
        let pages = Pages::read(&self.store, references, &lane);
        let batches = match pages {
            Ok(pages) => batches(waiting, pages, &mut lane),
            Err(error) => {
                for one in waiting {
                    one.outcome.set(Err(error.clone()));
                }
                return;
            }
        };
        let mut result = Ok(());
        for Batch { entries, outcomes } in batches {
            // Behind a write that failed, slots would be missing.
            if result.is_ok() {
                result = self.commit(&mut lane, entries);
            }
            for outcome in outcomes {
                outcome.set(result.clone());
            }
        }
    }
}

/// What is written at once, and whom to tell.
#[derive(Debug, Default)]
struct Batch {
    entries: Vec<(Key, Vec<u8>)>,
    outcomes: Vec<Outcome>,
}

/// As few writes as the providers allow, each order's entries in one of them.
fn batches(waiting: Vec<Waiting<Placement>>, mut pages: Pages, lane: &mut Lane) -> Vec<Batch> {
    let mut batches = Vec::new();
    let mut batch = Batch::default();
    for Waiting { entry, outcome } in waiting {
        let entries = entry.entries(&mut pages, lane);
        if batch.entries.len() + entries.len() > write::MAX_KEYS {
            batches.push(std::mem::take(&mut batch));
        }
        batch.add(entries);
        batch.outcomes.push(outcome);
    }
    batches.push(batch);
    batches
}

impl Batch {
    /// Adds entries; of one key, which some providers refuse to write twice at once, the last.
    fn add(&mut self, entries: Vec<(Key, Vec<u8>)>) {
        for (key, value) in entries {
            match self.entries.iter_mut().find(|(known, _)| *known == key) {
                Some(known) => known.1 = value,
                None => self.entries.push((key, value)),
            }
        }
    }
}
