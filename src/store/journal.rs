//! The journal: every order can be enumerated by the day on which it was stored.
//!
//! `eo:journal:<day>` is the root of a tree of writers, see [`writer_tree`](super::writer_tree); the day
//! is counted from 1970. A page holds items of 25 bytes: the id of an order, and the name of the writer
//! that has filed it under its reference, padded with zeros.
//!
//! Retention reads a day some days later. It files an order that has to stay under another day.

use super::{
    Key,
    writer::{Entry, MAX_LENGTH, Writer},
};
use crate::{order::OrderId, timestamp::Timestamp};

/// The length of an item.
pub(super) const ITEM: usize = 16 + NAME;

/// The length of the longest name of a writer.
pub(super) const NAME: usize = 1 + MAX_LENGTH;

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// Returns the day of an instant.
pub(super) fn day(instant: Timestamp) -> i64 {
    instant.unix_seconds().div_euclid(DAY_SECONDS)
}

/// Returns the root of a day.
pub(super) fn root(day: i64) -> Key {
    Key::join(&["journal:", &day.to_string()])
}

/// Adds an order that is stored now to the journal of a writer. Adds the entries to write.
pub(super) fn file(id: OrderId, now: Timestamp, writer: &mut Writer, entries: &mut Vec<Entry>) {
    let mut item = [0; ITEM];
    item[..16].copy_from_slice(id.as_bytes());
    let name = writer.name().as_bytes();
    item[16..][..name.len()].copy_from_slice(name);
    append(day(now), &item, writer, entries);
}

/// Adds an item to the journal of a writer, under a day. Adds the entries to write.
pub(super) fn append(day: i64, item: &[u8; ITEM], writer: &mut Writer, entries: &mut Vec<Entry>) {
    writer.append(&root(day), item, &Vec::new, entries);
}

/// Adds an order of the first version to the journal of a writer: `name` is that of the writer that has
/// filed it as due, and most likely under its reference. A dot keeps it apart from other names.
pub(super) fn append_first_version(
    id: OrderId,
    name: &str,
    now: Timestamp,
    writer: &mut Writer,
    entries: &mut Vec<Entry>,
) {
    let mut item = [0; ITEM];
    item[..16].copy_from_slice(id.as_bytes());
    item[16] = b'.';
    for (byte, digit) in item[17..].iter_mut().zip(name.bytes()) {
        *byte = digit;
    }
    append(day(now), &item, writer, entries);
}

/// Returns the order of an item, and the name of the writer that has filed it.
pub(super) fn parts(item: &[u8; ITEM]) -> (OrderId, &str) {
    let (id, name) = item.split_first_chunk().unwrap_or((&[0; 16], &[]));
    let name = std::str::from_utf8(name).unwrap_or_default();
    (OrderId::from_bytes(*id), name.trim_end_matches('\0'))
}
