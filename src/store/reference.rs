//! The index of orders by their sender's reference.

use sha2::{Digest, Sha256};

use super::{Key, KeyValue, Lane, MARKER, StoreError, lane::digits, read};
use crate::order::{Creator, Order, OrderId};

/// The pages of some references that a lane adds to, as they are in the store and as they will be.
#[derive(Debug)]
pub(super) struct Pages(Vec<(Key, Vec<u8>)>);

impl Pages {
    /// Reads those that a lane has for these references.
    pub(super) fn read<'a>(
        store: &impl KeyValue,
        references: impl Iterator<Item = &'a Reference>,
        lane: &Lane,
    ) -> Result<Self, StoreError> {
        let mut keys: Vec<Key> = references.map(|one| one.page(lane).1).collect();
        keys.sort_unstable();
        keys.dedup();
        if let [key] = &keys[..] {
            let page = store.get(key)?.unwrap_or_default();
            return Ok(Self(vec![(key.clone(), page)]));
        }
        let mut pages = read::all(store, &keys)?;
        let page = |key: Key| {
            let page = pages.remove(key.as_str()).unwrap_or_default();
            (key, page)
        };
        Ok(Self(keys.into_iter().map(page).collect()))
    }

    /// Adds an order: what is to be written so that its reference finds it.
    pub(super) fn file(
        &mut self,
        id: OrderId,
        reference: &Reference,
        lane: &Lane,
    ) -> [(Key, Vec<u8>); 2] {
        let (marker, key) = reference.page(lane);
        let known = self.0.iter().position(|(page, _)| *page == key);
        let place = known.unwrap_or_else(|| {
            self.0.push((key.clone(), Vec::new()));
            self.0.len() - 1
        });
        let page = &mut self.0[place].1;
        if !ids(page).any(|known| known == id) {
            page.extend_from_slice(id.as_bytes());
        }
        [(marker, MARKER.to_vec()), (key, page.clone())]
    }
}

/// The ids of the orders that may have this creator and reference, each once.
pub(super) fn find(
    store: &impl KeyValue,
    Reference(root): &Reference,
) -> Result<Vec<OrderId>, StoreError> {
    let markers = read::present(store, digits().map(|digit| root.child(digit)).collect())?;
    let mut found = Vec::new();
    for marker in markers {
        let pages = digits()
            .map(|digit| marker.child(digit))
            .collect::<Vec<_>>();
        for page in read::all(store, &pages)?.values() {
            found.extend(ids(page));
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// The ids in a page.
fn ids(page: &[u8]) -> impl Iterator<Item = OrderId> {
    let (ids, _) = page.as_chunks();
    ids.iter().map(|bytes| OrderId::from_bytes(*bytes))
}

/// A creator's reference, as the key that its markers stand under: hashed, since it is a user's
/// text.
#[derive(Debug)]
pub(super) struct Reference(Key);

impl Reference {
    /// The reference of this creator.
    pub(super) fn of(creator: &Creator, reference: &str) -> Self {
        let mut hash = Sha256::new();
        // The length keeps `a` + `bc` apart from `ab` + `c`.
        hash.update((creator.as_str().len() as u64).to_be_bytes());
        hash.update(creator.as_str());
        hash.update(reference);
        let hash = hash.finalize();
        let mut first_half = [0; 16];
        first_half.copy_from_slice(&hash[..16]);
        let number = u128::from_be_bytes(first_half);
        Self(Key::of(format_args!("ref:{number:032x}")))
    }

    /// The reference of an order, if it has one.
    pub(super) fn of_order(order: &Order) -> Option<Self> {
        let reference = order.senders_reference.as_deref();
        let reference = reference.filter(|reference| !reference.is_empty())?;
        Some(Self::of(&order.creator, reference))
    }

    /// The marker of a lane, and its page.
    fn page(&self, lane: &Lane) -> (Key, Key) {
        let [first, second] = lane.first_digits();
        let marker = self.0.child(first);
        let page = marker.child(second);
        (marker, page)
    }
}

#[cfg(test)]
impl<K: KeyValue> super::Orders<K> {
    /// The ids that are found by a reference of `ttd`, sorted.
    pub(super) fn find_ids(&self, reference: &str) -> Vec<OrderId> {
        let ttd = Creator::new("ttd").unwrap();
        find(&self.store, &Reference::of(&ttd, reference)).unwrap()
    }
}
