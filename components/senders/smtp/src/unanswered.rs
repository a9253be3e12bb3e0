//! The emails whose text has reached the relay, but whose answer has not come.
//!
//! The relay may have delivered such an email, so each repeat may be a copy. The sender keeps a record
//! of them and repeats them late and rarely: after half an hour, then after six hours, then once a
//! day. The record is a list under one of 16 keys of the key-value store. Without access to the store,
//! it is not kept. Two instances that write the same list at once may lose an entry, which leads to
//! one more copy.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use uuid::Uuid;

/// The time before each repeat. The last one also applies to all further repeats.
const PAUSES: [u64; 3] = [30 * 60, 6 * 60 * 60, 24 * 60 * 60];

/// How long an entry is kept after its pause: longer than the order component repeats an email.
const KEPT_SECONDS: u64 = 3 * 24 * 60 * 60;

/// The maximum number of entries of a list. The oldest are dropped.
const MAX_ENTRIES: usize = 1000;

const ENTRY_LENGTH: usize = 16 + 8 + 1;

/// A key-value store. Failures are of no consequence here: the email is sent without a record.
pub(crate) trait Store {
    /// Returns the value of a key.
    fn get(&self, key: &str) -> Option<Vec<u8>>;

    /// Writes a value.
    fn set(&self, key: &str, value: &[u8]);
}

/// The record.
pub(crate) struct Unanswered<S>(pub(crate) S);

/// The record of one email.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    id: Uuid,
    /// Seconds since 1970.
    until: u64,
    texts: u8,
}

impl Entry {
    /// Returns how long the email must not be sent.
    pub(crate) fn pause(&self, now: SystemTime) -> Option<Duration> {
        let seconds = self.until.checked_sub(unix_seconds(now))?;
        (seconds > 0).then(|| Duration::from_secs(seconds))
    }
}

impl<S: Store> Unanswered<S> {
    /// Returns the record of an email.
    pub(crate) fn find(&self, id: Uuid) -> Option<Entry> {
        let entries = self.read(id);
        entries.into_iter().find(|entry| entry.id == id)
    }

    /// Records that an email has been sent without an answer.
    pub(crate) fn add(&self, id: Uuid, now: SystemTime) {
        let now = unix_seconds(now);
        let (same, mut entries): (Vec<_>, Vec<_>) = self
            .read(id)
            .into_iter()
            .filter(|entry| now < entry.until + KEPT_SECONDS)
            .partition(|entry| entry.id == id);
        let texts = same.first().map_or(0, |entry| entry.texts);
        let pause = PAUSES.get(usize::from(texts)).or(PAUSES.last());
        entries.push(Entry {
            id,
            until: now + pause.copied().unwrap_or_default(),
            texts: texts.saturating_add(1),
        });
        let surplus = entries.len().saturating_sub(MAX_ENTRIES);
        self.write(id, &entries[surplus..]);
    }

    /// Removes the record of an email, because the relay has answered.
    pub(crate) fn remove(&self, id: Uuid) {
        let mut entries = self.read(id);
        entries.retain(|entry| entry.id != id);
        self.write(id, &entries);
    }

    fn read(&self, id: Uuid) -> Vec<Entry> {
        let value = self.0.get(&key(id)).unwrap_or_default();
        value.chunks_exact(ENTRY_LENGTH).filter_map(entry).collect()
    }

    fn write(&self, id: Uuid, entries: &[Entry]) {
        let mut value = Vec::with_capacity(entries.len() * ENTRY_LENGTH);
        for Entry { id, until, texts } in entries {
            value.extend_from_slice(id.as_bytes());
            value.extend_from_slice(&until.to_be_bytes());
            value.push(*texts);
        }
        self.0.set(&key(id), &value);
    }
}

/// Returns the key of the list that may have an entry of this email.
fn key(id: Uuid) -> String {
    let shard = id.as_bytes()[0] >> 4;
    format!("eo:smtp:unanswered:{shard:x}")
}

fn entry(bytes: &[u8]) -> Option<Entry> {
    let (id, rest) = bytes.split_first_chunk()?;
    let (until, rest) = rest.split_first_chunk()?;
    Some(Entry {
        id: Uuid::from_bytes(*id),
        until: u64::from_be_bytes(*until),
        texts: *rest.first()?,
    })
}

fn unix_seconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::FakeStore;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds)
    }

    #[test]
    fn add_each_time_makes_the_pause_longer() {
        let record = Unanswered(FakeStore::default());
        let id = Uuid::from_u128(7);
        assert_eq!(record.find(id), None);
        let mut now = 0;
        for minutes in [30, 6 * 60, 24 * 60, 24 * 60] {
            record.add(id, at(now));
            let entry = record.find(id).unwrap();
            assert_eq!(entry.pause(at(now)), Some(Duration::from_mins(minutes)));
            now += minutes * 60;
            assert_eq!(entry.pause(at(now)), None);
        }
    }

    #[test]
    fn remove_leaves_other_entries() {
        let record = Unanswered(FakeStore::default());
        let ids = [1, 2, 0xf << 124].map(Uuid::from_u128);
        for id in ids {
            record.add(id, at(0));
        }
        record.remove(ids[0]);
        assert_eq!(record.find(ids[0]), None);
        assert!(record.find(ids[1]).is_some());
        assert!(record.find(ids[2]).is_some());
    }

    #[test]
    fn add_drops_old_entries_and_those_above_the_maximum() {
        let record = Unanswered(FakeStore::default());
        let old = Uuid::from_u128(1);
        record.add(old, at(0));
        record.add(Uuid::from_u128(2), at(KEPT_SECONDS + 30 * 60));
        assert_eq!(record.find(old), None);
        for id in 0..=MAX_ENTRIES {
            record.add(Uuid::from_u128(10 + id as u128), at(0));
        }
        assert_eq!(record.read(old).len(), MAX_ENTRIES);
        assert_eq!(record.find(Uuid::from_u128(10)), None);
        assert!(record.find(Uuid::from_u128(11)).is_some());
    }

    #[test]
    fn find_in_value_of_another_form_is_none() {
        let store = FakeStore::default();
        store.set(&key(Uuid::nil()), b"not a list of entries");
        assert_eq!(Unanswered(store).find(Uuid::nil()), None);
    }
}
