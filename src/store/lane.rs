//! Where one instance adds to the indexes.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::{Key, KeyValue, Pace, Stopped, StoreError, read};
use crate::order::OrderId;

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
    pages: HashMap<Key, Vec<u8>>,
    /// How many ids there are in all pages.
    ids: usize,
}

impl Default for Lane {
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
        .take(LENGTH)
        .map(|byte| char::from(DIGITS[usize::from(byte % 64)]))
        .collect()
}

/// The keys that may stand under these nodes, one digit of a lane's name further on.
pub(super) fn children(root: &Key, nodes: &[Key]) -> Vec<Key> {
    let children = |node: &Key| -> Vec<Key> {
        // Below the root, a node's name is a prefix of a lane's.
        let prefix = node.as_str().strip_prefix(root.as_str()).unwrap_or("");
        let prefix = prefix.trim_start_matches(':');
        let digits = DIGITS.iter().map(|digit| char::from(*digit));
        digits
            .map(|digit| root.child(format_args!("{prefix}{digit}")))
            .collect()
    };
    nodes.iter().flat_map(children).collect()
}

/// The keys of so many digits whose markers stand under this key.
pub(super) fn marked(
    store: &impl KeyValue,
    root: &Key,
    digits: usize,
) -> Result<Vec<Key>, StoreError> {
    let mut nodes = vec![root.clone()];
    for _ in 0..digits {
        nodes = read::present(store, children(root, &nodes))?;
    }
    Ok(nodes)
}

/// A walk to the lanes whose markers stand under a key.
///
/// It goes to one lane after the other, not to all at once: whoever needs only some of many finds
/// them soon. Each walk goes in another order, so that one that is never finished comes by all.
pub(super) struct Walk<'a> {
    root: &'a Key,
    /// The keys that are marked and not yet walked to.
    open: Vec<Key>,
    /// Where it begins among the children of a key.
    random: usize,
}

impl<'a> Walk<'a> {
    /// Begins at the root.
    pub(super) fn to_lanes_under(root: &'a Key) -> Self {
        Self {
            root,
            open: vec![root.clone()],
            random: usize::from(Uuid::new_v4().into_bytes()[0]),
        }
    }

    /// The key of the next lane, if there is another.
    pub(super) async fn next(
        &mut self,
        store: &impl KeyValue,
        pace: &Pace<'_>,
    ) -> Result<Option<Key>, Stopped> {
        let lane = self.root.as_str().len() + 1 + LENGTH;
        while let Some(node) = self.open.pop() {
            if node.as_str().len() == lane {
                return Ok(Some(node));
            }
            let mut children = children(self.root, &[node]);
            let markers = read::all_at(pace, store, &children).await?;
            children.retain(|child| markers.contains_key(child.as_str()));
            if let Some(first) = self.random.checked_rem(children.len()) {
                children.rotate_left(first);
            }
            self.open.extend(children);
        }
        Ok(None)
    }
}

/// The keys of the markers that lead to these lanes under this key, the lanes' own first.
pub(super) fn path<'a>(root: &Key, lanes: impl Iterator<Item = &'a Key>) -> Vec<Key> {
    let mut path: Vec<Key> = lanes
        .filter_map(|lane| lane.as_str().strip_prefix(root.as_str())?.strip_prefix(':'))
        .flat_map(|name| (1..=name.len()).map(|length| root.child(&name[..length])))
        .collect();
    path.sort_unstable_by(|a, b| b.as_str().len().cmp(&a.as_str().len()).then(a.cmp(b)));
    path.dedup();
    path
}

impl Lane {
    /// Its whole name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The prefixes of its name, from the first digit to the whole.
    pub(super) fn prefixes(&self) -> impl Iterator<Item = &str> {
        (1..=LENGTH).map(|length| &self.name[..length])
    }

    /// Adds the id of an order to a page that is this lane's alone: the page as it then is, and
    /// whether it is a new one.
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

    /// Takes the number that is free in `bucket`. If it then is not written, the lane must not be
    /// used any more.
    pub(super) fn take_slot(&mut self, bucket: &Key) -> u32 {
        if let Some(next) = self.next_slots.get_mut(bucket) {
            let slot = *next;
            *next += 1;
            return slot;
        }
        self.next_slots.insert(bucket.clone(), 1);
        0
    }

    /// Those of these markers that this lane has not had yet; it has now.
    pub(super) fn take_unwritten(&mut self, mut markers: Vec<Key>) -> Vec<Key> {
        markers.retain(|marker| self.markers.insert(marker.clone()));
        markers
    }

    /// Whether another lane should be taken, as this one remembers so much. No page has more ids
    /// than that: each order of its reference writes it anew.
    pub(super) fn is_full(&self) -> bool {
        self.next_slots.len() + self.markers.len() + self.ids > MAX_REMEMBERED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_does_not_grow_for_ever() {
        let mut lane = Lane::default();
        let page = Key::of(format_args!("ref:x"));
        let mut added = 0;
        while !lane.is_full() {
            lane.add_to_page(&page, OrderId::random());
            added += 1;
        }
        assert_eq!(added, MAX_REMEMBERED + 1);
    }
}
