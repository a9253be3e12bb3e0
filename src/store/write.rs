//! Writing and deleting many keys on every provider.

use super::{Key, KeyValue, Pace, Stopped, StoreError};

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

/// Deletes all keys in their order, at a pace.
pub(super) async fn delete_at(
    pace: &Pace<'_>,
    store: &impl KeyValue,
    keys: impl IntoIterator<Item = Key>,
) -> Result<(), Stopped> {
    let keys: Vec<Key> = keys.into_iter().collect();
    for chunk in keys.chunks(MAX_KEYS) {
        pace.step().await?;
        store.delete_many(chunk)?;
    }
    Ok(())
}
