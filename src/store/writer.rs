//! The writer of an instance: the part of the indexes that this instance alone adds to.
//!
//! A writer's name is a number of one sequence to the base of 64, most significant digit first, after
//! a digit that says how many digits follow. Consecutive numbers share prefixes, so that a reader asks
//! for dense ranges. Without a sequence a name is `0` and six random digits.
//!
//! A list of a writer consists of pages, `<root>:<name>:<n>`. A writer appends by writing the last page
//! again, and begins another page when one is full. A page that is not full is the last one.

use rustc_hash::FxHashMap;
use uuid::Uuid;

use super::{Key, MARKER};
use crate::order::OrderId;

/// The digits of a writer's name: base 64, of characters that every provider takes in a key.
pub(super) const DIGITS: &[u8; 64] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The number of digits of a random name: 36 bits.
pub(super) const RANDOM_LENGTH: usize = 6;

/// The most digits of a number: 48 bits.
pub(super) const MAX_LENGTH: usize = 8;

/// The number of items on a page.
pub(super) const PER_PAGE: usize = 32;

/// The number of things that a writer remembers at most; then the instance takes a new one.
const MAX_REMEMBERED: usize = 2048;

/// The most writers that begin at the same time, so that their numbers are written in any order. If
/// there are more, some take random names.
const CONCURRENT: u64 = 64;

/// An entry to write.
pub(super) type Entry = (Key, Vec<u8>);

/// A name that one instance writes under, and what it has written under it.
///
/// A writer knows everything under its name, so it adds without reading.
#[derive(Debug)]
pub(super) struct Writer {
    name: String,
    /// Its number, until that is written.
    unwritten_number: Option<u64>,
    /// What it has written: markers above the roots of lists, with empty values; and lists by their
    /// roots, as the number of the last page (four bytes) and its items. A client cannot choose keys
    /// that collide in the map: they are made of times and hashes.
    known: FxHashMap<String, Vec<u8>>,
    /// The number of items in all lists.
    items: usize,
}

impl Writer {
    /// Returns the writer with a random name.
    pub(super) fn random() -> Self {
        Self::of_bytes(Uuid::new_v4().as_bytes())
    }

    /// Returns the writer that files an order again, whichever instance does: it writes the same each
    /// time. It must not be used for other orders.
    pub(super) fn of_order(id: OrderId) -> Self {
        Self::of_bytes(id.as_bytes())
    }

    fn of_bytes(bytes: &[u8; 16]) -> Self {
        // The last bytes of every id are random: those of the version and of the time come before.
        let digits = bytes.iter().skip(bytes.len() - RANDOM_LENGTH);
        Self::named('0', digits.map(|byte| byte % 64))
    }

    /// Returns the writer with this number; None if the number is too large.
    pub(super) fn numbered(number: u64) -> Option<Self> {
        let digit = |place: usize| (number >> (6 * place)) % 64;
        let length = (1..=MAX_LENGTH).find(|length| number >> (6 * length) == 0)?;
        let digits = (0..length).rev().map(|place| digit(place).to_le_bytes()[0]);
        let length = char::from(b'0' + length.to_le_bytes()[0]);
        Some(Self {
            unwritten_number: Some(number),
            ..Self::named(length, digits)
        })
    }

    fn named(length: char, digits: impl Iterator<Item = u8>) -> Self {
        let mut name = String::with_capacity(MAX_LENGTH + 1);
        name.push(length);
        name.extend(digits.map(|digit| char::from(DIGITS[usize::from(digit)])));
        Self {
            name,
            unwritten_number: None,
            known: FxHashMap::default(),
            items: 0,
        }
    }

    /// Returns its name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Adds the number of this writer to `entries`, once, so that others can tell if the sequence was
    /// lost and began again.
    pub(super) fn add_number(&mut self, entries: &mut Vec<Entry>) {
        if let Some(number) = self.unwritten_number.take() {
            entries.push((number_key(), number.to_string().into_bytes()));
        }
    }

    /// Adds an item to this writer's list under a root. Adds the page to `entries`, if the list is new
    /// after the markers that lead to it: those above the root, and those below.
    ///
    /// If the page is then not written for certain, the writer must not be used again: a late write of
    /// an old page would hide items.
    pub(super) fn append(
        &mut self,
        root: &Key,
        item: &[u8],
        above: &dyn Fn() -> Vec<Key>,
        entries: &mut Vec<Entry>,
    ) {
        let list = root.child(&self.name);
        if let Some(known) = self.known.get_mut(root.as_str()) {
            let (number, items) = parts(known);
            if !contains(items, item) {
                if items.len() >= PER_PAGE * item.len() {
                    known.clear();
                    known.extend((number + 1).to_le_bytes());
                }
                known.extend(item);
                self.items += 1;
            }
            let (number, items) = parts(known);
            entries.push((list.number(number), items.to_vec()));
            return;
        }
        for marker in above() {
            let text = marker.as_str();
            if text == root.as_str() || self.known.insert(text.to_owned(), Vec::new()).is_none() {
                entries.push((marker, MARKER.to_vec()));
            }
        }
        // Only this list needs them here, so they need not be remembered.
        for length in 1..self.name.len() {
            entries.push((root.child(&self.name[..length]), MARKER.to_vec()));
        }
        entries.push((list.number(0), item.to_vec()));
        let mut known = Vec::with_capacity(4 + item.len());
        known.extend([0; 4]);
        known.extend(item);
        self.known.insert(root.as_str().to_owned(), known);
        self.items += 1;
    }

    /// Returns whether it remembers so much that the instance should take another writer.
    pub(super) fn is_full(&self) -> bool {
        self.known.len() + self.items > MAX_REMEMBERED
    }
}

/// Returns whether a number may have been used before, by what is stored under [`number_key`].
pub(super) fn is_used(number: u64, stored: Option<&[u8]>) -> bool {
    let known = stored.and_then(|known| std::str::from_utf8(known).ok()?.parse().ok());
    known.is_some_and(|known: u64| known > number.saturating_add(CONCURRENT))
}

/// Returns the key of the number of a writer that has begun lately.
pub(super) fn number_key() -> Key {
    Key::of(format_args!("writers"))
}

/// Returns the number of the last page of a list, and its items.
fn parts(list: &[u8]) -> (u32, &[u8]) {
    let (number, items) = list.split_first_chunk().unwrap_or((&[0; 4], &[]));
    (u32::from_le_bytes(*number), items)
}

/// Returns whether an item is among others of its length.
fn contains(items: &[u8], item: &[u8]) -> bool {
    let mut others = items.chunks_exact(item.len());
    // Almost all items differ in the last byte of the id, and no comparison of all bytes is needed.
    let last = item.len().min(16) - 1;
    others.any(|other| other[last] == item[last] && other == item)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> Key {
        Key::of(format_args!("x"))
    }

    /// Returns the keys that are written for the next item.
    fn appended(writer: &mut Writer, item: u8) -> Vec<String> {
        let mut entries = Vec::new();
        writer.append(&root(), &[item], &Vec::new, &mut entries);
        entries.iter().map(|(key, _)| key.to_string()).collect()
    }

    #[test]
    fn name_of_a_number_has_its_length_and_its_digits() {
        for (number, name) in [
            (0, "1A"),
            (1, "1B"),
            (63, "1_"),
            (64, "2BA"),
            (5000, "3BOI"),
            ((1 << 48) - 1, "8________"),
        ] {
            assert_eq!(Writer::numbered(number).unwrap().name(), name);
        }
        assert!(Writer::numbered(1 << 48).is_none());
    }

    #[test]
    fn random_name_is_no_number() {
        let (one, other) = (Writer::random(), Writer::random());
        assert_eq!(one.name().len(), 1 + RANDOM_LENGTH);
        assert!(one.name().starts_with('0'));
        assert_ne!(one.name(), other.name());
    }

    #[test]
    fn append_writes_markers_once_and_fills_pages_in_sequence() {
        let mut writer = Writer::numbered(5000).unwrap();
        assert_eq!(
            appended(&mut writer, 0),
            ["eo:x:3", "eo:x:3B", "eo:x:3BO", "eo:x:3BOI:0"]
        );
        for item in 1..=u8::try_from(PER_PAGE).unwrap() {
            let page = usize::from(item) / PER_PAGE;
            assert_eq!(appended(&mut writer, item), [format!("eo:x:3BOI:{page}")]);
        }
        let mut entries = Vec::new();
        writer.append(&root(), &[7], &Vec::new, &mut entries);
        assert_eq!(entries[0].1, [32, 7], "the page is written whole");
        writer.append(&root(), &[7], &Vec::new, &mut entries);
        assert_eq!(entries[1].1, [32, 7], "an item is there once");
    }

    #[test]
    fn writer_with_a_long_list_is_full() {
        let mut writer = Writer::random();
        let mut added = 0_u32;
        while !writer.is_full() {
            writer.append(&root(), &added.to_le_bytes(), &Vec::new, &mut Vec::new());
            added += 1;
        }
        // It remembers the list too.
        assert_eq!(added, 2048);
    }
}
