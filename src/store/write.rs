//! Writes and deletions of many keys, on every provider.

use super::{Key, KeyValue, StoreError};

/// The most keys that every provider writes at once (DynamoDB: 25).
pub(super) const MAX_KEYS: usize = 25;

/// Writes all entries in their order, at most [`MAX_KEYS`] at once.
pub(super) fn set(
    store: &impl KeyValue,
    mut entries: Vec<(Key, Vec<u8>)>,
) -> Result<(), StoreError> {
    while entries.len() > MAX_KEYS {
        let rest = entries.split_off(MAX_KEYS);
        store.set_many(entries).map_err(|refused| refused.error)?;
        entries = rest;
    }
    if entries.is_empty() {
        return Ok(());
    }
    store.set_many(entries).map_err(|refused| refused.error)
}

/// Deletes all keys in their order, at most [`MAX_KEYS`] at once.
pub(super) fn delete(store: &impl KeyValue, keys: &[Key]) -> Result<(), StoreError> {
    for chunk in keys.chunks(MAX_KEYS) {
        store.delete_many(chunk)?;
    }
    Ok(())
}
