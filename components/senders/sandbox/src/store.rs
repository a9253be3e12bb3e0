//! The key-value store, as the sandbox uses it.

use std::collections::HashMap;

/// The maximum number of keys in one read that every provider accepts.
const MAX_KEYS: usize = 64;

/// A key-value store, on any of Spin's providers.
pub trait KeyValue {
    /// Returns the value of a key.
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Returns the existing keys with their values, in any order. Fails on Redis (Spin 4.1).
    fn get_many(&self, keys: &[String]) -> Result<Vec<(String, Vec<u8>)>, StoreError>;

    /// Writes all entries, in one write if the provider supports it.
    fn set_many(&self, entries: Vec<(String, Vec<u8>)>) -> Result<(), StoreError>;
}

impl<S: KeyValue> KeyValue for &S {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        S::get(self, key)
    }

    fn get_many(&self, keys: &[String]) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        S::get_many(self, keys)
    }

    fn set_many(&self, entries: Vec<(String, Vec<u8>)>) -> Result<(), StoreError> {
        S::set_many(self, entries)
    }
}

/// A failed use of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The call to the host failed.
    #[error(transparent)]
    Host(#[from] spin_store::StoreError),
    /// A value does not have the form that the sandbox writes.
    #[error("a stored email is not readable at line {line}, column {column}")]
    Corrupt {
        /// The line of the JSON.
        line: usize,
        /// The column in that line.
        column: usize,
    },
}

impl From<serde_json::Error> for StoreError {
    // Omits the message of serde_json, which may quote the email.
    fn from(error: serde_json::Error) -> Self {
        Self::Corrupt {
            line: error.line(),
            column: error.column(),
        }
    }
}

/// Returns the values of the existing keys.
///
/// Reads the keys one by one if `get-many` fails, as it does on Redis: Spin 4.1 issues KEYS there,
/// with all keys as its arguments. It takes a single key for a pattern, so a single key is never
/// read with `get-many`. Remove both once Spin reads keys with MGET.
pub(crate) fn read_all(
    store: &impl KeyValue,
    keys: &[String],
) -> Result<HashMap<String, Vec<u8>>, StoreError> {
    let mut values = HashMap::with_capacity(keys.len());
    for chunk in keys.chunks(MAX_KEYS) {
        let values_at_once = match chunk {
            [_] => None,
            keys => store.get_many(keys).ok(),
        };
        if let Some(found) = values_at_once {
            values.extend(found);
            continue;
        }
        for key in chunk {
            if let Some(value) = store.get(key)? {
                values.insert(key.clone(), value);
            }
        }
    }
    Ok(values)
}

#[cfg(test)]
pub(crate) mod fake {
    //! A store in memory.

    use std::{
        cell::{Cell, RefCell},
        collections::BTreeMap,
    };

    use super::*;

    #[derive(Default)]
    pub(crate) struct FakeStore {
        values: RefCell<BTreeMap<String, Vec<u8>>>,
        pub(crate) fails: Cell<bool>,
        /// Whether `get_many` fails.
        pub(crate) is_like_redis: Cell<bool>,
        pub(crate) calls: Cell<usize>,
        pub(crate) read_keys: Cell<usize>,
    }

    impl FakeStore {
        pub(crate) fn error(reason: &str) -> StoreError {
            spin_store::StoreError(reason.to_owned()).into()
        }

        fn count_call(&self) -> Result<(), StoreError> {
            self.calls.set(self.calls.get() + 1);
            if self.fails.get() {
                return Err(Self::error("simulated"));
            }
            Ok(())
        }

        fn read(&self, key: &str) -> Option<Vec<u8>> {
            self.read_keys.set(self.read_keys.get() + 1);
            self.values.borrow().get(key).cloned()
        }
    }

    impl KeyValue for FakeStore {
        fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
            self.count_call()?;
            Ok(self.read(key))
        }

        fn get_many(&self, keys: &[String]) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
            self.count_call()?;
            if self.is_like_redis.get() {
                return Err(Self::error("wrong number of arguments"));
            }
            assert!(keys.len() <= 100, "a provider accepts no more");
            let found = keys.iter().rev();
            let found = found.filter_map(|key| Some((key.clone(), self.read(key)?)));
            Ok(found.collect())
        }

        fn set_many(&self, entries: Vec<(String, Vec<u8>)>) -> Result<(), StoreError> {
            self.count_call()?;
            assert!(entries.len() <= 25, "a provider accepts no more");
            self.values.borrow_mut().extend(entries);
            Ok(())
        }
    }
}
