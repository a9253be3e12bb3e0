//! The items of the store, and what each reader sees of them.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
};

use crate::{plan::SECOND, world::InstanceId};

/// How long earlier values of a key are kept for stale reads.
const HISTORY: i64 = 10 * SECOND;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Item {
    Value(Vec<u8>),
    /// A number that cannot be read as a value (Cosmos DB).
    Number(i64),
}

/// What a key had from a time on.
#[derive(Debug)]
struct Version {
    since: i64,
    number: u64,
    writer: InstanceId,
    /// None if the key was deleted.
    item: Option<Item>,
}

/// A write that has not had its effect yet.
struct Pending {
    at: i64,
    number: u64,
    writer: InstanceId,
    key: String,
    item: Option<Item>,
}

impl PartialEq for Pending {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.number) == (other.at, other.number)
    }
}

impl Eq for Pending {}

impl PartialOrd for Pending {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Pending {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

/// All items.
#[derive(Default)]
pub(crate) struct Items {
    /// The versions by key, the newest last.
    all: BTreeMap<String, Vec<Version>>,
    pending: BinaryHeap<Reverse<Pending>>,
    numbers: u64,
}

impl Items {
    /// Lets a write have its effect at a time to come.
    pub(crate) fn write_at(
        &mut self,
        at: i64,
        writer: InstanceId,
        key: String,
        item: Option<Item>,
    ) {
        self.numbers += 1;
        self.pending.push(Reverse(Pending {
            at,
            number: self.numbers,
            writer,
            key,
            item,
        }));
    }

    /// Lets all writes have their effect whose time has come.
    pub(crate) fn advance(&mut self, now: i64) {
        while let Some(Reverse(next)) = self.pending.peek()
            && next.at <= now
            && let Some(Reverse(write)) = self.pending.pop()
        {
            let since = write.at;
            self.put(since, write.writer, write.key, write.item);
        }
    }

    /// Writes at once.
    pub(crate) fn put(&mut self, now: i64, writer: InstanceId, key: String, item: Option<Item>) {
        self.numbers += 1;
        let versions = self.all.entry(key).or_default();
        let old = versions.partition_point(|version| version.since < now - HISTORY);
        // The last of the old ones is still to be seen.
        versions.drain(..old.saturating_sub(1));
        versions.push(Version {
            since: now,
            number: self.numbers,
            writer,
            item,
        });
    }

    /// Returns the newest item of a key, and the number of its version.
    pub(crate) fn newest(&self, key: &str) -> (Option<&Item>, u64) {
        let version = self.all.get(key).and_then(|versions| versions.last());
        version.map_or((None, 0), |version| {
            let number = version.item.as_ref().map_or(0, |_| version.number);
            (version.item.as_ref(), number)
        })
    }

    /// Returns what an instance sees of a key that sees the writes of others only after `lag`.
    pub(crate) fn seen(&self, key: &str, now: i64, reader: InstanceId, lag: i64) -> Option<&Item> {
        let versions = self.all.get(key)?;
        let is_seen = |version: &&Version| {
            version.since + lag <= now || (version.writer == reader && reader != 0)
        };
        versions.iter().rev().find(is_seen)?.item.as_ref()
    }

    /// Returns all keys that have an item.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        let all = self.all.iter();
        let present = all.filter(|(_, versions)| {
            versions
                .last()
                .is_some_and(|version| version.item.is_some())
        });
        present.map(|(key, _)| key.as_str())
    }
}
