//! The search for the newest pages: down the tree of markers, along the greatest prefixes.

use super::page_writer::{NAME_LENGTH, marker_key, page_key};
use crate::{KeyValue, StoreError, store};

/// The newest pages.
#[derive(Debug)]
pub(super) struct NewestPages {
    pub(super) pages: Vec<Vec<u8>>,
    /// Whether the store has other pages.
    pub(super) has_older: bool,
}

/// Reads the newest pages, at most `max_pages`.
///
/// Each marked prefix leads to at least one page. It therefore suffices to keep the greatest
/// `max_pages` prefixes at each digit.
pub(super) fn read(store: &impl KeyValue, max_pages: usize) -> Result<NewestPages, StoreError> {
    let mut has_older = false;
    let mut prefixes = vec![String::new()];
    for _ in 1..NAME_LENGTH {
        prefixes = children(&prefixes);
        let keys: Vec<_> = prefixes.iter().map(|prefix| marker_key(prefix)).collect();
        let markers = store::read_all(store, &keys)?;
        prefixes.retain(|prefix| markers.contains_key(&marker_key(prefix)));
        has_older |= prefixes.len() > max_pages;
        prefixes.truncate(max_pages);
    }
    let names = children(&prefixes);
    let keys: Vec<_> = names.iter().map(|name| page_key(name)).collect();
    let mut values = store::read_all(store, &keys)?;
    let mut pages: Vec<_> = keys.iter().filter_map(|key| values.remove(key)).collect();
    has_older |= pages.len() > max_pages;
    pages.truncate(max_pages);
    Ok(NewestPages { pages, has_older })
}

/// Extends each prefix by every digit. Keeps the descending order.
fn children(prefixes: &[String]) -> Vec<String> {
    let digits = |prefix: &String| {
        let prefix = prefix.clone();
        (0..16).rev().map(move |digit| format!("{prefix}{digit:x}"))
    };
    prefixes.iter().flat_map(digits).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{super::*, *};
    use crate::{SimulatedOutcome, store::fake::FakeStore};

    /// Records one attempt per email, one a second, each by an instance of its own.
    fn write(store: &FakeStore, ids: std::ops::Range<u64>) {
        for id in ids {
            let attempt = Attempt {
                at: UnixMillis(1_790_000_000_000 + id * 1000),
                id: Uuid::from_u128(id.into()),
                outcome: SimulatedOutcome::Delivered,
            };
            let entries = PageWriter::new(attempt.at, None).append(&attempt);
            store.set_many(entries).unwrap();
        }
    }

    #[test]
    fn read_few_pages_returns_all() {
        let store = FakeStore::default();
        assert_eq!(Journal::read(&store, 10).unwrap().emails(), 0);
        write(&store, 0..300);
        let journal = Journal::read(&store, 300).unwrap();
        assert_eq!((journal.emails(), journal.has_older()), (300, false));
    }

    #[test]
    fn read_too_many_pages_returns_newest() {
        let store = FakeStore::default();
        write(&store, 0..300);
        let journal = Journal::read(&store, 20).unwrap();
        let newest: Vec<_> = (280..300).rev().map(Uuid::from_u128).collect();
        assert_eq!(journal.newest(), newest);
        assert!(journal.has_older());
    }

    #[test]
    fn read_cost_is_independent_of_stored_pages() {
        let cost = |stored: u64| {
            let store = FakeStore::default();
            write(&store, 0..stored);
            let before = store.read_keys.get();
            Journal::read(&store, 8).unwrap();
            store.read_keys.get() - before
        };
        let max_cost = 8 * 16 * NAME_LENGTH;
        assert!(cost(10) <= max_cost && cost(3000) <= max_cost);
    }

    #[test]
    fn read_marker_without_page_is_skipped() {
        let store = FakeStore::default();
        let attempt = Attempt {
            at: UnixMillis(1_790_000_000_000),
            id: Uuid::nil(),
            outcome: SimulatedOutcome::Delivered,
        };
        let mut partial_write = PageWriter::new(attempt.at, None).append(&attempt);
        partial_write.truncate(7);
        store.set_many(partial_write).unwrap();
        write(&store, 1..2);
        assert_eq!(Journal::read(&store, 8).unwrap().emails(), 1);
    }
}
