//! A store in memory, for tests. It counts calls, behaves like one of the providers, and fails when
//! it is told to.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard},
};

use super::{ClaimFailure, Claims, Key, KeyValue, Refused, StoreError, yield_now};

#[derive(Debug, Default)]
pub(crate) struct MemoryStore(Mutex<State>);

/// The provider that it behaves like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Provider {
    /// Reads several keys at once.
    #[default]
    Sqlite,
    /// Cannot do that.
    Redis,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) values: BTreeMap<String, Vec<u8>>,
    /// The winners, by the names that were claimed.
    claims: HashMap<String, String>,
    /// Whether claims are inconclusive.
    pub(crate) claims_fail: bool,
    pub(crate) reads: usize,
    pub(crate) bytes_read: usize,
    pub(crate) writes: usize,
    provider: Provider,
    /// The last number of the writers' sequence.
    pub(crate) writers: u64,
    pub(crate) has_no_sequence: bool,
    /// The most bytes of a value.
    pub(crate) max_value: usize,
    /// The next write writes only so many of its entries, and fails.
    pub(crate) cut_next_write_after: Option<usize>,
    /// The number of writes that are cut so.
    pub(crate) cuts: usize,
    /// The number of writes before that one.
    pub(crate) writes_before_cut: usize,
}

impl Default for State {
    fn default() -> Self {
        Self {
            values: BTreeMap::new(),
            claims: HashMap::new(),
            claims_fail: false,
            reads: 0,
            bytes_read: 0,
            writes: 0,
            provider: Provider::Sqlite,
            writers: 0,
            has_no_sequence: false,
            max_value: usize::MAX,
            cut_next_write_after: None,
            cuts: 1,
            writes_before_cut: 0,
        }
    }
}

impl State {
    fn cut(&mut self) -> Option<usize> {
        self.cut_next_write_after?;
        match self.writes_before_cut.checked_sub(1) {
            Some(left) => {
                self.writes_before_cut = left;
                None
            }
            None if self.cuts > 1 => {
                self.cuts -= 1;
                self.cut_next_write_after
            }
            None => self.cut_next_write_after.take(),
        }
    }
}

impl MemoryStore {
    pub(crate) fn like(provider: Provider) -> Self {
        Self(Mutex::new(State {
            provider,
            ..State::default()
        }))
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

fn refused(what: &str) -> StoreError {
    StoreError::Host(what.to_owned())
}

impl KeyValue for &'static MemoryStore {
    async fn gather(&self) {
        yield_now().await;
    }

    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        let mut state = self.state();
        state.reads += 1;
        let value = state.values.get(key.as_str()).cloned();
        state.bytes_read += value.as_ref().map_or(0, Vec::len);
        Ok(value)
    }

    fn get_many(&self, keys: &[Key]) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let mut state = self.state();
        state.reads += 1;
        if state.provider == Provider::Redis {
            return Err(refused("wrong number of arguments for 'keys' command"));
        }
        assert!(keys.len() <= 100, "a provider takes no more");
        let values = keys.iter().rev().filter_map(|key| {
            let value = state.values.get(key.as_str())?;
            Some((key.as_str().to_owned(), value.clone()))
        });
        let values: Vec<_> = values.collect();
        state.bytes_read += values.iter().map(|(_, value)| value.len()).sum::<usize>();
        Ok(values)
    }

    fn set_many(&self, entries: Vec<(Key, Vec<u8>)>) -> Result<(), Refused> {
        assert!(entries.len() <= 25, "a provider takes no more");
        let mut state = self.state();
        state.writes += 1;
        let is_too_large = |(_, value): &(Key, Vec<u8>)| value.len() > state.max_value;
        let cut = if entries.iter().any(is_too_large) {
            Some(0)
        } else {
            state.cut()
        };
        for (key, value) in entries.iter().take(cut.unwrap_or(usize::MAX)) {
            state.values.insert(key.as_str().to_owned(), value.clone());
        }
        match cut {
            Some(_) => Err(Refused {
                error: refused("cut"),
                entries,
            }),
            None => Ok(()),
        }
    }

    async fn next_writer(&self) -> Option<u64> {
        yield_now().await;
        let mut state = self.state();
        if state.has_no_sequence {
            return None;
        }
        state.writers += 1;
        Some(state.writers)
    }

    fn delete_many(&self, keys: &[Key]) -> Result<(), StoreError> {
        assert!(keys.len() <= 25, "a provider takes no more");
        let mut state = self.state();
        state.writes += 1;
        let cut = state.cut();
        for key in &keys[..cut.unwrap_or(keys.len()).min(keys.len())] {
            state.values.remove(key.as_str());
        }
        match cut {
            Some(_) => Err(refused("cut")),
            None => Ok(()),
        }
    }
}

impl Claims for &'static MemoryStore {
    async fn claim(&self, name: String, candidate: String) -> Result<(), ClaimFailure> {
        let mut state = self.state();
        if state.claims_fail {
            return Err(ClaimFailure::Inconclusive("simulated".to_owned()));
        }
        let winner = state
            .claims
            .entry(name)
            .or_insert_with(|| candidate.clone());
        if *winner == candidate {
            Ok(())
        } else {
            Err(ClaimFailure::Lost)
        }
    }
}
