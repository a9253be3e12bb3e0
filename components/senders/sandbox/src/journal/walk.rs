//! Down the tree of lanes, along the greatest names.

use super::lane::{LENGTH, marker_key, page_key};
use crate::{KeyValue, StoreError, store};

/// The newest pages.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) pages: Vec<Vec<u8>>,
    /// Whether there are others.
    pub(super) has_older: bool,
}

/// Finds the newest pages, so many at the most.
///
/// Below each prefix that is marked there is at least one page. So it suffices to keep as many
/// prefixes at each digit, the greatest.
pub(super) fn newest(store: &impl KeyValue, most: usize) -> Result<Found, StoreError> {
    let mut has_older = false;
    let mut prefixes = vec![String::new()];
    for _ in 1..LENGTH {
        prefixes = children(&prefixes);
        let keys: Vec<_> = prefixes.iter().map(|prefix| marker_key(prefix)).collect();
        let markers = store::read_all(store, &keys)?;
        prefixes.retain(|prefix| markers.contains_key(&marker_key(prefix)));
        has_older |= prefixes.len() > most;
        prefixes.truncate(most);
    }
    let names = children(&prefixes);
    let keys: Vec<_> = names.iter().map(|name| page_key(name)).collect();
    let mut values = store::read_all(store, &keys)?;
    let mut pages: Vec<_> = keys.iter().filter_map(|key| values.remove(key)).collect();
    has_older |= pages.len() > most;
    pages.truncate(most);
    Ok(Found { pages, has_older })
}

/// These prefixes with each digit that may follow, in descending order as they are.
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
    use crate::{Outcome, store::memory::Memory};

    /// Lets an instance of its own send each of these emails, one a second.
    fn write(store: &Memory, ids: std::ops::Range<u64>) {
        for id in ids {
            let attempt = Attempt {
                at: Timestamp(1_790_000_000_000 + id * 1000),
                id: Uuid::from_u128(id.into()),
                outcome: Outcome::Delivered,
            };
            let entries = Lane::new(attempt.at, None).add(&attempt);
            store.set_many(entries).unwrap();
        }
    }

    #[test]
    fn every_page_is_found() {
        let store = Memory::default();
        assert_eq!(Journal::read(&store, 10).unwrap().emails(), 0);
        write(&store, 0..300);
        let journal = Journal::read(&store, 300).unwrap();
        assert_eq!((journal.emails(), journal.has_older()), (300, false));
    }

    #[test]
    fn of_too_many_pages_the_newest_are_found() {
        let store = Memory::default();
        write(&store, 0..300);
        let journal = Journal::read(&store, 20).unwrap();
        let newest: Vec<_> = (280..300).rev().map(Uuid::from_u128).collect();
        assert_eq!(journal.newest(), newest);
        assert!(journal.has_older());
    }

    #[test]
    fn what_it_costs_does_not_depend_on_what_is_stored() {
        let cost = |stored: u64| {
            let store = Memory::default();
            write(&store, 0..stored);
            let before = store.read_keys.get();
            Journal::read(&store, 8).unwrap();
            store.read_keys.get() - before
        };
        let most = 8 * 16 * LENGTH;
        assert!(cost(10) <= most && cost(3000) <= most);
    }

    #[test]
    fn a_marker_without_a_page_hides_nothing() {
        let store = Memory::default();
        let attempt = Attempt {
            at: Timestamp(1_790_000_000_000),
            id: Uuid::nil(),
            outcome: Outcome::Delivered,
        };
        let mut cut = Lane::new(attempt.at, None).add(&attempt);
        cut.truncate(7);
        store.set_many(cut).unwrap();
        write(&store, 1..2);
        assert_eq!(Journal::read(&store, 8).unwrap().emails(), 1);
    }
}
