//! The index of orders by their sender's reference.
//!
//! A page holds ids of 16 bytes each and then one byte, the version of the page. Pages of the first
//! version of the component have no version. A reader of ids passes over the byte.

use uuid::Uuid;

use super::{
    Key, KeyValue, MARKER, StoreError, Unreadable, read, stored, writer::Writer, writer_tree,
};
use crate::{
    digest::half_sha256,
    order::{Creator, Order, OrderId},
    sorted::sorted,
};

/// The number of digits of a writer's name that name its page: 24 bits, so that two writers hardly
/// ever share a page.
const DIGITS: usize = 4;

/// Returns the ids of the orders that may have this creator and reference, sorted, each once.
pub(super) fn find(
    store: &impl KeyValue,
    Reference(root): &Reference,
) -> Result<Vec<OrderId>, StoreError> {
    let markers = writer_tree::marked(store, root, DIGITS - 1)?;
    let keys = writer_tree::children(root, &markers);
    let pages = read::all(store, &keys)?;
    let mut found: Vec<OrderId> = Vec::new();
    for key in &keys {
        if let Some(page) = pages.get(key.as_str()) {
            found.extend(ids(page).map_err(|reason| reason.under(key))?);
        }
    }
    Ok(sorted(found))
}

/// Returns the ids in a page.
fn ids(page: &[u8]) -> Result<impl Iterator<Item = OrderId>, Unreadable> {
    let (ids, version) = page.as_chunks();
    if let [version] = version {
        stored::check((*version).into())?;
    }
    Ok(ids.iter().map(|bytes| OrderId::from_bytes(*bytes)))
}

/// A creator's reference, as the key above its markers. The key holds a hash, since the reference is
/// a user's text.
#[derive(Debug)]
pub(super) struct Reference(Key);

impl Reference {
    /// Returns the reference of this creator.
    pub(super) fn of(creator: &Creator, reference: &str) -> Self {
        let creator = creator.as_str().as_bytes();
        // The length keeps `a` + `bc` apart from `ab` + `c`.
        let length = (creator.len() as u64).to_be_bytes();
        let hash = half_sha256(&[&length, creator, reference.as_bytes()]);
        Self(Key::of(format_args!(
            "ref:{}",
            Uuid::from_u128(hash).simple()
        )))
    }

    /// Returns the reference of an order, if it has one.
    pub(super) fn of_order(order: &Order) -> Option<Self> {
        let reference = order.senders_reference.as_deref();
        let reference = reference.filter(|reference| !reference.is_empty())?;
        Some(Self::of(&order.creator, reference))
    }

    /// Adds an order to the page of a writer. Returns the entries to write.
    pub(super) fn file(&self, id: OrderId, writer: &mut Writer) -> Vec<(Key, Vec<u8>)> {
        let key = self.0.child(&writer.name()[..DIGITS]);
        let (mut page, is_new) = writer.add_to_page(&key, id);
        page.push(stored::VERSION);
        let mut entries = Vec::with_capacity(DIGITS);
        if is_new {
            let marker = |digits| (self.0.child(&writer.name()[..digits]), MARKER.to_vec());
            entries.extend((1..DIGITS).map(marker));
        }
        entries.push((key, page));
        entries
    }
}

#[cfg(test)]
impl<K: KeyValue> super::OrderStore<K> {
    /// Returns the ids that a reference of `ttd` finds, sorted.
    pub(super) fn find_ids(&self, reference: &str) -> Vec<OrderId> {
        let ttd = Creator::new("ttd").unwrap();
        find(&self.0.store, &Reference::of(&ttd, reference)).unwrap()
    }
}
