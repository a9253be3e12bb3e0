//! What the sandbox asks of a key-value store.

/// A key-value store, on any of Spin's providers.
pub trait KeyValue {
    /// The value of a key.
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Writes all of these, in one write where the provider can.
    fn set_many(&self, entries: Vec<(String, Vec<u8>)>) -> Result<(), StoreError>;

    /// Adds one to a number that nothing else writes, and gives the sum.
    fn increment(&self, key: &str) -> Result<u64, StoreError>;

    /// Every key there is, whosever it is.
    fn keys(&self) -> Result<Vec<String>, StoreError>;
}

/// Why the store could not be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The host says why.
    #[error("the key-value store: {0}")]
    Host(String),
    /// A value is not what the sandbox writes.
    #[error("a stored email cannot be read: {0}")]
    Corrupt(#[from] serde_json::Error),
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
        counters: RefCell<BTreeMap<String, u64>>,
        pub(crate) fails: Cell<bool>,
    }

    impl Memory {
        fn reached(&self) -> Result<(), StoreError> {
            if self.fails.get() {
                return Err(StoreError::Host("simulated".to_owned()));
            }
            Ok(())
        }
    }

    impl KeyValue for Memory {
        fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
            self.reached()?;
            Ok(self.values.borrow().get(key).cloned())
        }

        fn set_many(&self, entries: Vec<(String, Vec<u8>)>) -> Result<(), StoreError> {
            self.reached()?;
            self.values.borrow_mut().extend(entries);
            Ok(())
        }

        fn increment(&self, key: &str) -> Result<u64, StoreError> {
            self.reached()?;
            let mut counters = self.counters.borrow_mut();
            let counter = counters.entry(key.to_owned()).or_default();
            *counter += 1;
            Ok(*counter)
        }

        fn keys(&self) -> Result<Vec<String>, StoreError> {
            self.reached()?;
            let (values, counters) = (self.values.borrow(), self.counters.borrow());
            Ok(values.keys().chain(counters.keys()).cloned().collect())
        }
    }
}
