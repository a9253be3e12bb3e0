//! Where one instance adds to the indexes.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::Key;

/// The digits of a lane's name: base 64, of characters that every provider takes in a key.
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// How many digits a name has: 36 bits.
const LENGTH: usize = 6;

/// What an instance remembers at the most; beyond that it takes a new lane.
const MAX_REMEMBERED: usize = 4096;

/// A random name that one instance writes under, and what it knows it has written.
#[derive(Debug)]
pub struct Lane {
    name: String,
    next_slots: HashMap<Key, u32>,
    markers: HashSet<Key>,
}

impl Default for Lane {
    fn default() -> Self {
        Self {
            name: random_name(),
            next_slots: HashMap::new(),
            markers: HashSet::new(),
        }
    }
}

fn random_name() -> String {
    // The first six bytes of a random UUID are random.
    let random = Uuid::new_v4().into_bytes();
    random
        .iter()
        .take(LENGTH)
        .map(|byte| char::from(DIGITS[usize::from(byte % 64)]))
        .collect()
}

/// The digits that a name may have in any place.
pub(super) fn digits() -> impl Iterator<Item = char> {
    DIGITS.iter().map(|digit| char::from(*digit))
}

impl Lane {
    /// The first two digits of its name.
    pub(super) fn first_digits(&self) -> [&str; 2] {
        [&self.name[..1], &self.name[1..2]]
    }

    /// Its whole name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The prefixes of its name, from the first digit to the whole.
    pub(super) fn prefixes(&self) -> impl Iterator<Item = &str> {
        (1..=LENGTH).map(|length| &self.name[..length])
    }

    /// The number that is free in `bucket`.
    pub(super) fn next_slot(&self, bucket: &Key) -> u32 {
        self.next_slots.get(bucket).copied().unwrap_or(0)
    }

    /// Those of these markers that this instance has not written.
    pub(super) fn unwritten(&self, mut markers: Vec<Key>) -> Vec<Key> {
        markers.retain(|marker| !self.markers.contains(marker));
        markers
    }

    /// Remembers what the store has taken: a slot in `bucket`, and these markers.
    pub(super) fn remember(&mut self, bucket: Key, markers: Vec<Key>) {
        if self.next_slots.len() + self.markers.len() > MAX_REMEMBERED {
            *self = Self::default();
            return;
        }
        *self.next_slots.entry(bucket).or_default() += 1;
        self.markers.extend(markers);
    }
}
