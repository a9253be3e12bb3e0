//! The writer of an instance: the part of the indexes that this instance alone adds to.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::Key;
use crate::order::OrderId;

/// The digits of a writer's name: base 64, of characters that every provider takes in a key.
pub(super) const DIGITS: &[u8; 64] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The number of digits in a name: 36 bits.
pub(super) const NAME_LENGTH: usize = 6;

/// The number of things that a writer remembers at most; then the instance takes a new one.
const MAX_REMEMBERED: usize = 4096;

/// A random name that one instance writes under, and what it has written under it.
///
/// A writer knows everything under its name, so it adds without reading.
#[derive(Debug)]
pub(super) struct Writer {
    name: String,
    next_slots: HashMap<Key, u32>,
    markers: HashSet<Key>,
    pages: HashMap<Key, Vec<u8>>,
    /// The number of ids in all pages.
    ids: usize,
}

impl Default for Writer {
    fn default() -> Self {
        Self {
            name: random_name(),
            next_slots: HashMap::new(),
            markers: HashSet::new(),
            pages: HashMap::new(),
            ids: 0,
        }
    }
}

fn random_name() -> String {
    // The first six bytes of a random UUID are random.
    let random = Uuid::new_v4().into_bytes();
    random
        .iter()
        .take(NAME_LENGTH)
        .map(|byte| char::from(DIGITS[usize::from(byte % 64)]))
        .collect()
}

impl Writer {
    /// Returns its name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the prefixes of its name, from the first digit to the whole name.
    pub(super) fn prefixes(&self) -> impl Iterator<Item = &str> {
        (1..=NAME_LENGTH).map(|length| &self.name[..length])
    }

    /// Adds the id of an order to a page of this writer. Returns the ids of the page, and whether
    /// the page is new.
    pub(super) fn add_to_page(&mut self, page: &Key, id: OrderId) -> (Vec<u8>, bool) {
        if let Some(ids) = self.pages.get_mut(page) {
            let known = ids.as_chunks().0.contains(id.as_bytes());
            if !known {
                ids.extend_from_slice(id.as_bytes());
                self.ids += 1;
            }
            return (ids.clone(), false);
        }
        let ids = id.as_bytes().to_vec();
        self.pages.insert(page.clone(), ids.clone());
        self.ids += 1;
        (ids, true)
    }

    /// Takes the next free slot of `bucket`. If the slot is then not written, the writer must not
    /// be used again, since a reader stops at the first empty slot.
    pub(super) fn take_slot(&mut self, bucket: &Key) -> u32 {
        if let Some(next) = self.next_slots.get_mut(bucket) {
            let slot = *next;
            *next += 1;
            return slot;
        }
        self.next_slots.insert(bucket.clone(), 1);
        0
    }

    /// Returns those of these markers that this writer has not written yet, and counts them as
    /// written.
    pub(super) fn take_unwritten(&mut self, mut markers: Vec<Key>) -> Vec<Key> {
        markers.retain(|marker| self.markers.insert(marker.clone()));
        markers
    }

    /// Returns whether it remembers so much that the instance should take another writer. This
    /// bounds pages too, each of which is written anew for each of its orders.
    pub(super) fn is_full(&self) -> bool {
        self.next_slots.len() + self.markers.len() + self.ids > MAX_REMEMBERED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writer_with_a_long_page_is_full() {
        let mut writer = Writer::default();
        let page = Key::of(format_args!("ref:x"));
        let mut added = 0;
        while !writer.is_full() {
            writer.add_to_page(&page, OrderId::random());
            added += 1;
        }
        assert_eq!(added, MAX_REMEMBERED + 1);
    }
}
