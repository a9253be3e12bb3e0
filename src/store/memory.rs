//! A store in memory, for tests: it counts calls and can be told to fail.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};

use super::{Key, KeyValue, StoreError};

#[derive(Debug, Default)]
pub(crate) struct MemoryStore(Mutex<State>);

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) values: BTreeMap<String, Vec<u8>>,
    pub(crate) gets: usize,
    pub(crate) set_manys: usize,
    /// The next write keeps only so many of its entries, and fails.
    pub(crate) cut_next_write_after: Option<usize>,
}

impl MemoryStore {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

impl KeyValue for &'static MemoryStore {
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        let mut state = self.state();
        state.gets += 1;
        Ok(state.values.get(key.as_str()).cloned())
    }

    fn set_many(&self, entries: Vec<(Key, Vec<u8>)>) -> Result<(), StoreError> {
        let mut state = self.state();
        state.set_manys += 1;
        let cut = state.cut_next_write_after.take();
        for (key, value) in entries.into_iter().take(cut.unwrap_or(usize::MAX)) {
            state.values.insert(key.into_string(), value);
        }
        match cut {
            Some(_) => Err(StoreError::Host("cut".to_owned())),
            None => Ok(()),
        }
    }
}
