//! Reading many keys on every provider.

use std::collections::HashMap;

use super::{Key, KeyValue, Pace, Stopped, StoreError};

/// The most keys that every provider reads at once.
const MAX_KEYS: usize = 64;

/// The values of those keys that have one.
///
/// Where the provider cannot read several keys, they are read one by one. (With a single key,
/// Redis would not fail but take it for a pattern, so that one is always read by itself.)
pub(super) fn all(
    store: &impl KeyValue,
    keys: &[Key],
) -> Result<HashMap<String, Vec<u8>>, StoreError> {
    let mut values = HashMap::with_capacity(keys.len());
    for chunk in keys.chunks(MAX_KEYS) {
        let read = match chunk {
            [_] => None,
            several => store.get_many(several).ok(),
        };
        if let Some(read) = read {
            values.extend(read);
            continue;
        }
        for key in chunk {
            if let Some(value) = store.get(key)? {
                values.insert(key.as_str().to_owned(), value);
            }
        }
    }
    Ok(values)
}

/// Does the same at a pace.
pub(super) async fn all_at(
    pace: &Pace<'_>,
    store: &impl KeyValue,
    keys: &[Key],
) -> Result<HashMap<String, Vec<u8>>, Stopped> {
    let mut values = HashMap::with_capacity(keys.len());
    for chunk in keys.chunks(MAX_KEYS) {
        pace.step().await?;
        let read = match chunk {
            [_] => None,
            several => store.get_many(several).ok(),
        };
        if let Some(read) = read {
            values.extend(read);
            continue;
        }
        for (number, key) in chunk.iter().enumerate() {
            if number > 0 {
                pace.step().await?;
            }
            if let Some(value) = store.get(key)? {
                values.insert(key.as_str().to_owned(), value);
            }
        }
    }
    Ok(values)
}

/// Those of the keys that have a value, in their order.
pub(super) fn present(store: &impl KeyValue, mut keys: Vec<Key>) -> Result<Vec<Key>, StoreError> {
    let values = all(store, &keys)?;
    keys.retain(|key| values.contains_key(key.as_str()));
    Ok(keys)
}
