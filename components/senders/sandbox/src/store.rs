//! What the sandbox asks of a key-value store.

use std::collections::HashMap;

/// The most keys that every provider reads at once.
const MAX_KEYS: usize = 64;

/// A key-value store, on any of Spin's providers.
pub trait KeyValue {
    /// The value of a key.
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// The values of those keys that have one, in no order. On Redis this fails (Spin 4.1).
    fn get_many(&self, keys: &[String]) -> Result<Vec<(String, Vec<u8>)>, StoreError>;

    /// Writes all of these, in one write where the provider can.
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

/// Why the store could not be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The host says why.
    #[error("the key-value store: {0}")]
    Host(String),
    /// A value is not what the sandbox writes.
    #[error("a stored email is not readable at line {line}, column {column}")]
    Corrupt {
        /// The line in the JSON.
        line: usize,
        /// The column in that line.
        column: usize,
    },
}

impl From<serde_json::Error> for StoreError {
    // The error itself may quote the email.
    fn from(error: serde_json::Error) -> Self {
        Self::Corrupt {
            line: error.line(),
            column: error.column(),
        }
    }
}

/// The values of those keys that have one.
///
/// Where the provider cannot read several keys at once, they are read one by one. A single key is
/// always read by itself: Redis would take it for a pattern (Spin 4.1).
pub(crate) fn read_all(
    store: &impl KeyValue,
    keys: &[String],
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
                values.insert(key.clone(), value);
            }
        }
    }
    Ok(values)
}

#[cfg(test)]
pub(crate) mod memory {
    //! A store in memory.

    use std::{
        cell::{Cell, RefCell},
        collections::BTreeMap,
    };

    use super::*;

    #[derive(Default)]
    pub(crate) struct Memory {
        values: RefCell<BTreeMap<String, Vec<u8>>>,
        pub(crate) fails: Cell<bool>,
        /// Whether several keys cannot be read at once.
        pub(crate) is_like_redis: Cell<bool>,
        pub(crate) calls: Cell<usize>,
        pub(crate) read_keys: Cell<usize>,
    }

    impl Memory {
        fn called(&self) -> Result<(), StoreError> {
            self.calls.set(self.calls.get() + 1);
            if self.fails.get() {
                return Err(StoreError::Host("simulated".to_owned()));
            }
            Ok(())
        }

        fn read(&self, key: &str) -> Option<Vec<u8>> {
            self.read_keys.set(self.read_keys.get() + 1);
            self.values.borrow().get(key).cloned()
        }
    }

    impl KeyValue for Memory {
        fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
            self.called()?;
            Ok(self.read(key))
        }

        fn get_many(&self, keys: &[String]) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
            self.called()?;
            if self.is_like_redis.get() {
                return Err(StoreError::Host("wrong number of arguments".to_owned()));
            }
            assert!(keys.len() <= 100, "a provider takes no more");
            let found = keys.iter().rev();
            let found = found.filter_map(|key| Some((key.clone(), self.read(key)?)));
            Ok(found.collect())
        }

        fn set_many(&self, entries: Vec<(String, Vec<u8>)>) -> Result<(), StoreError> {
            self.called()?;
            assert!(entries.len() <= 25, "a provider takes no more");
            self.values.borrow_mut().extend(entries);
            Ok(())
        }
    }
}
