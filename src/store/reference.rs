//! The index of orders by their sender's reference.
//!
//! Below the key of a reference, `.` is the root of a tree of writers, see [`writer_tree`]. Pages hold
//! ids of 16 bytes each.
//!
//! The first version had a tree of random names with four digits: `<w>`, `<wr>` and `<wri>` are markers,
//! and `<writ>` is a page of ids, which may end in one byte with the version of the page.

use uuid::{Uuid, fmt::Simple};

use super::{
    Key, KeyValue, StoreError, Unreadable,
    order_store::order_key,
    read, stored,
    writer::{Entry, Writer},
    writer_tree::{Form, Walk, Walked},
};
use crate::{
    digest::half_sha256,
    order::{Creator, Order, OrderId},
    sorted::sorted,
};

/// The length of an item: the id of an order.
const ITEM: usize = 16;

/// Returns the ids of the orders that may have this creator and reference, sorted, each once.
pub(super) fn find(
    store: &impl KeyValue,
    Reference(root): &Reference,
) -> Result<Vec<OrderId>, StoreError> {
    let mut found: Vec<OrderId> = Vec::new();
    for (root, form) in [
        (tree(root), Form::Pages(ITEM)),
        (root.clone(), Form::References),
    ] {
        let mut walk = Walk::new(root, form);
        loop {
            let lists = match walk.next(store)? {
                Walked::On => continue,
                Walked::To(lists) => lists,
                Walked::End => break,
            };
            for list in &lists {
                for page in &list.pages {
                    let ids = ids(page).map_err(|reason| reason.under(&walk.key(&list.name)))?;
                    found.extend(ids);
                }
            }
        }
    }
    Ok(sorted(found))
}

/// Returns the root of the tree of writers.
fn tree(reference: &Key) -> Key {
    reference.push('.')
}

/// Returns the ids in a page. One of the first version may end in its version.
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
        let hash = Uuid::from_u128(hash).simple();
        Self(Key::join(&[
            "ref:",
            hash.encode_lower(&mut [0; Simple::LENGTH]),
        ]))
    }

    /// Returns the reference of an order, if it has one.
    pub(super) fn of_order(order: &Order) -> Option<Self> {
        let reference = order.senders_reference.as_deref();
        let reference = reference.filter(|reference| !reference.is_empty())?;
        Some(Self::of(&order.creator, reference))
    }

    /// Removes the list of a writer, if all its orders are gone. Of those that are `gone`, the caller is
    /// about to delete the order itself. Removes the markers that lead to no other writer.
    pub(super) fn remove(
        &self,
        writer: &str,
        gone: &[OrderId],
        store: &impl KeyValue,
    ) -> Result<(), StoreError> {
        let (mut walk, writer) = match writer.strip_prefix('.') {
            // Of the first version, which named a page by four digits of the writer.
            Some(first) => (
                Walk::new(self.0.clone(), Form::References),
                first.get(..4).unwrap_or(first),
            ),
            None => (Walk::new(tree(&self.0), Form::Pages(ITEM)), writer),
        };
        let list = walk.list_of(writer, store)?;
        let ids = list.pages.iter().flat_map(|page| page.as_chunks().0);
        let ids = ids.copied().map(OrderId::from_bytes);
        let others: Vec<Key> = ids.filter(|id| !gone.contains(id)).map(order_key).collect();
        if !read::all(store, &others)?.is_empty() {
            return Ok(());
        }
        walk.delete(&[list], store)?;
        walk.delete_empty_path(writer, store)
    }

    /// Removes the list by which an order was filed again, if it was.
    pub(super) fn remove_again(
        &self,
        id: OrderId,
        store: &impl KeyValue,
    ) -> Result<(), StoreError> {
        let writer = Writer::of_order(id);
        let mut walk = Walk::new(tree(&self.0), Form::Pages(ITEM));
        let list = walk.list_of(writer.name(), store)?;
        if list.pages.is_empty() {
            return Ok(());
        }
        walk.delete(&[list], store)?;
        walk.delete_empty_path(writer.name(), store)
    }

    /// Adds an order to the list of a writer. Adds the entries to write.
    pub(super) fn file(&self, id: OrderId, writer: &mut Writer, entries: &mut Vec<Entry>) {
        writer.append(&tree(&self.0), id.as_bytes(), &Vec::new, entries);
    }
}

#[cfg(test)]
impl<K: KeyValue> super::OrderStore<K> {
    /// Returns the ids that a reference of `ttd` finds, sorted.
    pub(super) fn find_ids(&self, reference: &str) -> Vec<OrderId> {
        let ttd = Creator::new("ttd").unwrap();
        let reference = Reference::of(&ttd, reference);
        find(&self.0.store, &reference).unwrap()
    }
}
