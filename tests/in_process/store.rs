//! A key-value store in memory.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use email_orders::store::{Key, KeyValue, Refused, StoreError};
use test_support::State;

/// The values by their keys, and the winners of claims by the names that were claimed.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    values: Mutex<BTreeMap<String, Vec<u8>>>,
    winners: Mutex<HashMap<String, String>>,
    /// The number of writers so far.
    writers: AtomicU64,
}

impl Memory {
    /// Claims a name; returns whether the contender has won.
    pub(crate) fn claim(&self, name: String, contender: String) -> bool {
        let mut winners = self.winners.lock().expect("the winners");
        *winners.entry(name).or_insert_with(|| contender.clone()) == contender
    }

    fn values(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.values.lock().expect("the values")
    }
}

impl State for Memory {
    fn rows(&self) -> BTreeMap<String, Vec<u8>> {
        self.values().clone()
    }

    fn set(&self, key: &str, value: &[u8]) {
        self.values().insert(key.to_owned(), value.to_vec());
    }
}

/// An open store.
#[derive(Debug, Clone)]
pub(crate) struct Store(pub(crate) Arc<Memory>);

impl KeyValue for Store {
    async fn gather(&self) {
        tokio::task::yield_now().await;
    }

    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.values().get(key.as_str()).cloned())
    }

    fn get_many(&self, keys: &[Key]) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let values = self.0.values();
        let found = keys.iter().filter_map(|key| {
            let value = values.get(key.as_str())?;
            Some((key.as_str().to_owned(), value.clone()))
        });
        Ok(found.collect())
    }

    fn set_many(&self, entries: Vec<(Key, Vec<u8>)>) -> Result<(), Refused> {
        let entries = entries
            .into_iter()
            .map(|(key, value)| (key.into_string(), value));
        self.0.values().extend(entries);
        Ok(())
    }

    async fn next_writer(&self) -> Option<u64> {
        Some(self.0.writers.fetch_add(1, Relaxed))
    }

    fn delete_many(&self, keys: &[Key]) -> Result<(), StoreError> {
        let mut values = self.0.values();
        let mut winners = self.0.winners.lock().expect("the winners");
        for key in keys {
            values.remove(key.as_str());
            // The claims component keeps the winner under this key.
            if let Some(name) = key.as_str().strip_prefix("eo:claim:") {
                winners.remove(name);
            }
        }
        Ok(())
    }
}
