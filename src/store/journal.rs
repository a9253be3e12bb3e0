//! The journal: what each writer has stored, so that every order can be enumerated by the time at which
//! it was stored.
//!
//! `eo:journal:<writer>:<n>` is a page of ids, 16 bytes each. A numbered writer needs no markers: a
//! reader counts. The writers with random names are a tree below the same root.

use super::{
    Key, KeyValue, StoreError,
    writer::{Entry, Writer},
};
use crate::order::OrderId;

fn root() -> Key {
    Key::of(format_args!("journal"))
}

/// Adds an order to the journal of a writer. Adds the entries to write.
pub(super) fn file(id: OrderId, writer: &mut Writer, entries: &mut Vec<Entry>) {
    let is_marked = !writer.is_numbered();
    writer.append(&root(), id.as_bytes(), is_marked, &Vec::new, entries);
}

/// Returns whether another writer with this name has stored something.
pub(super) fn exists(store: &impl KeyValue, writer: &Writer) -> Result<bool, StoreError> {
    let first = root().child(writer.name()).number(0);
    Ok(store.get(&first)?.is_some())
}
