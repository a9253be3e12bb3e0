//! Writing and deleting many keys on every provider.

use super::{Key, KeyValue, StoreError};

/// The most keys that every provider writes at once.
pub(super) const MAX_KEYS: usize = 25;

/// Writes all entries in their order, in as few writes as the providers allow; one write if there
/// are no more than [`MAX_KEYS`].
pub(super) fn set(
    store: &impl KeyValue,
    mut entries: Vec<(Key, Vec<u8>)>,
) -> Result<(), StoreError> {
    while entries.len() > MAX_KEYS {
        let rest = entries.split_off(MAX_KEYS);
        store.set_many(entries)?;
        entries = rest;
    }
    if entries.is_empty() {
        return Ok(());
    }
    store.set_many(entries)
}

/// Deletes all keys in their order.
pub(super) fn delete(
    store: &impl KeyValue,
    keys: impl IntoIterator<Item = Key>,
) -> Result<(), StoreError> {
    let keys: Vec<Key> = keys.into_iter().collect();
    keys.chunks(MAX_KEYS)
        .try_for_each(|chunk| store.delete_many(chunk))
}
