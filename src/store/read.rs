//! Reads of many keys, on every provider.

use std::collections::HashMap;

use super::{Key, KeyValue, StoreError};

/// The most keys that are read at once; DynamoDB allows no more.
const MAX_KEYS: usize = 100;

/// Returns the values of those keys that have one.
///
/// Falls back to reading keys one by one: `get-many` on Redis issues `KEYS` (Spin 4.1), which fails
/// for several keys and takes a single one for a pattern. Remove the fallback and the case of a
/// single key once Spin uses `MGET`.
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
