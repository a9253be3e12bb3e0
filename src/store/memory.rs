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
    /// Applies a batch that fails in any order.
    Dynamo,
    /// Applies a batch entry by entry.
    Cosmos,
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
    /// Whether a batch is a transaction where the provider's is. Else it may be applied in part on each.
    pub(crate) is_strict: bool,
    /// Decides the order in which DynamoDB applies a batch.
    pub(crate) seed: u64,
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
            is_strict: false,
            seed: 0,
            max_value: usize::MAX,
            cut_next_write_after: None,
            cuts: 1,
            writes_before_cut: 0,
        }
    }
}

impl State {
    /// Returns where a batch of so many begins: on DynamoDB anywhere.
    fn first_of(&mut self, count: usize) -> usize {
        if self.provider != Provider::Dynamo || count == 0 {
            return 0;
        }
        self.seed = self
            .seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.seed >> 33).unwrap() % count
    }

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
        let is_again = |(place, (key, _)): (usize, &(Key, Vec<u8>))| {
            entries[..place].iter().any(|(known, _)| known == key)
        };
        assert!(
            !entries.iter().enumerate().any(is_again),
            "DynamoDB refuses a key twice: {entries:?}"
        );
        let mut state = self.state();
        state.writes += 1;
        let is_too_large = |(_, value): &(Key, Vec<u8>)| value.len() > state.max_value;
        let cut = if entries.iter().any(is_too_large) {
            Some(0)
        } else {
            state.cut()
        };
        // A transaction is applied as a whole: either before its answer was lost, or not at all.
        let is_transaction = matches!(state.provider, Provider::Sqlite | Provider::Redis);
        let applied = match cut {
            Some(cut) if is_transaction && state.is_strict => {
                if cut % 2 == 0 {
                    0
                } else {
                    entries.len()
                }
            }
            Some(cut) => cut.min(entries.len()),
            None => entries.len(),
        };
        let first = state.first_of(entries.len());
        for number in 0..applied {
            let (key, value) = &entries[(first + number) % entries.len()];
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
        let distinct: std::collections::BTreeSet<_> = keys.iter().map(Key::as_str).collect();
        assert_eq!(distinct.len(), keys.len(), "DynamoDB refuses a key twice");
        let mut state = self.state();
        state.writes += 1;
        let cut = state.cut();
        let first = state.first_of(keys.len());
        for number in 0..cut.unwrap_or(keys.len()).min(keys.len()) {
            state
                .values
                .remove(keys[(first + number) % keys.len()].as_str());
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
