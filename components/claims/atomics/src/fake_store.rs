//! A store in memory with the semantics of each of Spin's providers, and faults on demand.

use std::{cell::Cell, cell::RefCell, collections::BTreeMap};

use super::{KeyValue, StoreError};

/// The provider to behave like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Provider {
    Sqlite,
    Redis,
    Cosmos,
    Dynamo,
}

impl Provider {
    pub(crate) const ALL: [Self; 4] = [Self::Sqlite, Self::Redis, Self::Cosmos, Self::Dynamo];
}

/// Whether the faulty call fails before or after its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FaultTiming {
    BeforeEffect,
    AfterEffect,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Item {
    Value(Vec<u8>),
    /// A number that the provider does not store as a readable value.
    Number(i64),
}

pub(crate) struct FakeStore {
    provider: Provider,
    items: RefCell<BTreeMap<String, Item>>,
    calls: Cell<usize>,
    fault: Cell<Option<(usize, FaultTiming)>>,
}

impl FakeStore {
    pub(crate) fn like(provider: Provider) -> Self {
        Self {
            provider,
            items: RefCell::default(),
            calls: Cell::default(),
            fault: Cell::default(),
        }
    }

    /// Returns the number of calls so far.
    pub(crate) fn calls(&self) -> usize {
        self.calls.get()
    }

    /// Makes the nth call from now on fail, counted from 0.
    pub(crate) fn fail(&self, nth: usize, timing: FaultTiming) {
        self.fault.set(Some((self.calls.get() + nth, timing)));
    }

    pub(crate) fn heal(&self) {
        self.fault.set(None);
    }

    pub(crate) fn put(&self, key: &str, value: &[u8]) {
        let mut items = self.items.borrow_mut();
        items.insert(key.to_owned(), Item::Value(value.to_vec()));
    }

    pub(crate) fn value(&self, key: &str) -> Option<Vec<u8>> {
        match self.items.borrow().get(key) {
            Some(Item::Value(value)) => Some(value.clone()),
            _ => None,
        }
    }

    /// Returns the number of keys with a prefix.
    pub(crate) fn count(&self, prefix: &str) -> usize {
        let items = self.items.borrow();
        items.keys().filter(|key| key.starts_with(prefix)).count()
    }

    /// Runs a call, unless it is the faulty one.
    fn call<T>(&self, work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        let number = self.calls.replace(self.calls.get() + 1);
        match self.fault.get() {
            Some((nth, FaultTiming::BeforeEffect)) if nth == number => Err(refused("before")),
            Some((nth, FaultTiming::AfterEffect)) if nth == number => {
                work().and_then(|_| Err(refused("after")))
            }
            _ => work(),
        }
    }

    fn read(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match self.items.borrow().get(key) {
            Some(Item::Value(value)) => Ok(Some(value.clone())),
            Some(Item::Number(_)) => Err(refused("a number is not a value")),
            None => Ok(None),
        }
    }

    fn sum(&self, key: &str, delta: i64) -> Result<(i64, Item), StoreError> {
        let old = match self.items.borrow().get(key) {
            None => 0,
            Some(Item::Number(number)) => *number,
            Some(Item::Value(_)) if self.provider == Provider::Cosmos => {
                return Err(refused("a value is not a number"));
            }
            Some(Item::Value(value)) if self.provider == Provider::Sqlite => {
                // Spin's host panics here.
                i64::from_le_bytes(value.as_slice().try_into().expect("8 bytes"))
            }
            Some(Item::Value(value)) => {
                let text = std::str::from_utf8(value).ok();
                let number = text.and_then(|text| text.parse().ok());
                number.ok_or_else(|| refused("a text is not a number"))?
            }
        };
        let new = old.wrapping_add(delta);
        let item = match self.provider {
            Provider::Sqlite => Item::Value(new.to_le_bytes().to_vec()),
            Provider::Redis | Provider::Dynamo => Item::Value(new.to_string().into_bytes()),
            Provider::Cosmos => Item::Number(new),
        };
        Ok((new, item))
    }
}

fn refused(what: &str) -> StoreError {
    StoreError(what.to_owned())
}

impl KeyValue for FakeStore {
    /// The key, and the value that was read.
    type Swap = (String, Option<Item>);

    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.call(|| self.read(key))
    }

    fn exists(&self, key: &str) -> Result<bool, StoreError> {
        self.call(|| Ok(self.items.borrow().contains_key(key)))
    }

    fn set(&self, key: &str, value: &[u8]) -> Result<(), StoreError> {
        self.call(|| {
            self.put(key, value);
            Ok(())
        })
    }

    fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.call(|| {
            self.items.borrow_mut().remove(key);
            Ok(())
        })
    }

    fn increment(&self, key: &str, delta: i64) -> Result<i64, StoreError> {
        self.call(|| {
            let (sum, item) = self.sum(key, delta)?;
            self.items.borrow_mut().insert(key.to_owned(), item);
            Ok(sum)
        })
    }

    fn start_swap(&self, key: &str) -> Result<(Self::Swap, Option<Vec<u8>>), StoreError> {
        self.call(|| {
            let value = self.read(key)?;
            Ok(((key.to_owned(), value.clone().map(Item::Value)), value))
        })
    }

    fn finish_swap(&self, (key, read): Self::Swap, value: &[u8]) -> Result<bool, StoreError> {
        let swapped = self.call(|| {
            let mut items = self.items.borrow_mut();
            let is_unchanged = items.get(&key) == read.as_ref();
            let is_upsert = self.provider == Provider::Sqlite && read.is_none();
            if is_unchanged || is_upsert {
                items.insert(key, Item::Value(value.to_vec()));
            }
            Ok((is_unchanged || is_upsert) && self.provider != Provider::Redis)
        });
        match self.provider {
            // It reports every error in the same way.
            Provider::Cosmos => Ok(swapped.unwrap_or(false)),
            _ => swapped,
        }
    }
}
