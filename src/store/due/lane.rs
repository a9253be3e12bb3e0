//! The orders of some creators in one minute.

use super::{ITEM, Period};
use crate::{
    order::OrderId,
    store::{
        Key, KeyValue, StoreError,
        batch_writer::BatchWriter,
        journal, write,
        writer_tree::{Form, List, Walk, Walked},
    },
    timestamp::Timestamp,
};

/// The orders of some creators in one minute, as a run reads them.
pub(super) struct Lane {
    /// Where its minute is among those of the run.
    pub(super) minute: usize,
    root: Key,
    form: Form,
    walk: Walk,
    /// The lists that were read last, and whether all their orders are settled.
    lists: Vec<(List, bool)>,
    items: Vec<Item>,
    /// The creator of the order that was taken last.
    last_creator: u32,
    /// Whether the items are of several creators, as far as is known.
    is_mixed: bool,
}

/// An order in a lane.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) id: OrderId,
    creator: u32,
    /// The second of the minute in which it is due.
    pub(super) second: u8,
    list: usize,
}

impl Lane {
    /// Returns the lane with this key, of a minute of the run.
    pub(super) fn new(minute: usize, root: Key) -> Self {
        Self::with(minute, root, Form::Pages(ITEM))
    }

    /// Returns what the first version has filed under a minute, as a lane.
    pub(super) fn of_slots(minute: usize, period: &Period) -> Self {
        Self::with(minute, period.key(), Form::Slots)
    }

    fn with(minute: usize, root: Key, form: Form) -> Self {
        Self {
            minute,
            walk: Walk::new(root.clone(), form),
            root,
            form,
            lists: Vec::new(),
            items: Vec::new(),
            last_creator: 0,
            is_mixed: false,
        }
    }

    /// Returns whether the lane has kept an order that is not settled.
    pub(super) fn has_kept_nothing(&self) -> bool {
        self.walk.has_kept_nothing()
    }

    /// Counts the order as not settled.
    pub(super) fn keep(&mut self, item: Item) {
        if let Some((_, is_settled)) = self.lists.get_mut(item.list) {
            *is_settled = false;
        }
    }

    /// Returns the next orders, at most so many and in turn by creator; None at the end of the lane. It
    /// makes a few calls at most, and may find no order yet. If `is_over`, it deletes what the orders
    /// before them have left.
    pub(super) fn next(
        &mut self,
        most: usize,
        is_over: bool,
        now: Timestamp,
        batches: &BatchWriter<impl KeyValue>,
    ) -> Result<Option<Vec<Item>>, StoreError> {
        let store = &batches.store;
        if self.items.is_empty() {
            self.leave_lists(is_over, now, batches)?;
            match self.walk.next(store)? {
                Walked::On => return Ok(Some(Vec::new())),
                Walked::To(lists) => self.enter(lists),
                Walked::End => {
                    if is_over {
                        self.walk.delete(&[], store)?;
                        if self.has_kept_nothing() && self.form != Form::Slots {
                            write::delete(store, std::slice::from_ref(&self.root))?;
                        }
                    }
                    return Ok(None);
                }
            }
        }
        let count = most.min(self.items.len());
        Ok(Some((0..count).filter_map(|_| self.take()).collect()))
    }

    fn enter(&mut self, lists: Vec<List>) {
        for (number, list) in lists.iter().enumerate() {
            self.items.extend(items(list, number));
        }
        self.lists = lists.into_iter().map(|list| (list, true)).collect();
        let first = self.items.first().map(|first| first.creator);
        self.is_mixed = self.items.iter().any(|item| Some(item.creator) != first);
    }

    /// Takes an order, of another creator than the last one if there is one.
    fn take(&mut self) -> Option<Item> {
        let mut place = self.items.len().checked_sub(1)?;
        if self.is_mixed {
            let others = |item: &Item| item.creator != self.last_creator;
            match self.items.iter().rposition(others) {
                Some(other) => place = other,
                None => self.is_mixed = false,
            }
        }
        let item = self.items.swap_remove(place);
        self.last_creator = item.creator;
        Some(item)
    }

    /// Leaves the lists whose orders were all taken: deletes those without an unsettled order. The first
    /// version had no journal, so its orders are added to it before.
    fn leave_lists(
        &mut self,
        is_over: bool,
        now: Timestamp,
        batches: &BatchWriter<impl KeyValue>,
    ) -> Result<(), StoreError> {
        let mut settled = Vec::new();
        for (list, is_settled) in std::mem::take(&mut self.lists) {
            if !is_settled {
                self.walk.keep(&list.name);
            } else if is_over {
                settled.push(list);
            }
        }
        if self.form == Form::Slots && !settled.is_empty() {
            batches.write_as_writer(|writer, entries| {
                for list in &settled {
                    for item in items(list, 0) {
                        journal::append_first_version(item.id, &list.name, now, writer, entries);
                    }
                }
            })?;
        }
        if is_over {
            self.walk.delete(&settled, &batches.store)?;
        }
        Ok(())
    }
}

/// Returns the items of a list. A slot of the first version holds an id alone.
fn items(list: &List, number: usize) -> impl Iterator<Item = Item> {
    let item = move |bytes: &[u8]| {
        let (id, rest) = bytes.split_first_chunk()?;
        let (creator, second) = rest.split_first_chunk().unwrap_or((&[0; 4], &[]));
        Some(Item {
            id: OrderId::from_bytes(*id),
            creator: u32::from_le_bytes(*creator),
            second: second.first().copied().unwrap_or_default(),
            list: number,
        })
    };
    list.pages
        .iter()
        .flat_map(|page| page.chunks(ITEM))
        .filter_map(item)
}
