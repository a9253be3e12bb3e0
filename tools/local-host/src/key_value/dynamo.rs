//! Models Spin's Amazon DynamoDB provider (Spin 4.1).
//!
//! - A key has 1 to 2,048 bytes, an item at most 400 KiB.
//! - `set_many` and `delete_many` accept at most 25 items, `get_many` 100, without duplicates. The first
//!   two are not atomic.
//! - Numbers are decimal text. `increment` reads, and then writes if nothing has changed: the loser of a
//!   race gets an error.
//! - A swap is atomic after `current`: it compares the version, or the value if a plain write has
//!   dropped the version, or absence. Without `current` it overwrites.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;

use super::{
    items::{Content, Item, Items, Locked},
    open::Steps,
    store::{
        CompareAndSwap, KeyStream, Pair, Result, Store, StoreError, SwapError, pairs_within_limit,
        value_within_limit,
    },
};
use crate::calls::Call;

const MAX_KEY_BYTES: usize = 2048;
const MAX_ITEM_BYTES: usize = 400 << 10;
const MAX_WRITES: usize = 25;
const MAX_READS: usize = 100;

pub(super) struct DynamoStore {
    items: Items,
    steps: Steps,
}

impl DynamoStore {
    pub(super) fn open(items: &Items, steps: Steps) -> Result<Self> {
        items.prepare()?;
        Ok(Self {
            items: items.clone(),
            steps,
        })
    }
}

fn check_key(key: &str) -> Result<()> {
    if (1..=MAX_KEY_BYTES).contains(&key.len()) {
        Ok(())
    } else {
        Err(StoreError::other(
            "ValidationException: size of hashkey is not within 1 to 2048 bytes",
        ))
    }
}

fn check_item(key: &str, value: &[u8]) -> Result<()> {
    check_key(key)?;
    // The names of the attributes count, too.
    if "PK".len() + key.len() + "VAL".len() + value.len() > MAX_ITEM_BYTES {
        return Err(StoreError::other(
            "ValidationException: Item size has exceeded the maximum allowed size",
        ));
    }
    Ok(())
}

fn check_batch<'a>(keys: impl ExactSizeIterator<Item = &'a String>, max: usize) -> Result<()> {
    if keys.len() > max {
        return Err(StoreError::other(format!(
            "ValidationException: Member must have length less than or equal to {max}"
        )));
    }
    let mut seen = HashSet::new();
    for key in keys {
        check_key(key)?;
        if !seen.insert(key) {
            return Err(StoreError::other(
                "ValidationException: Provided list of item keys contains duplicates",
            ));
        }
    }
    Ok(())
}

fn bytes(item: Item) -> Vec<u8> {
    match item.content {
        Content::Bytes(bytes) => bytes,
        Content::Number(number) => number.to_string().into_bytes(),
    }
}

#[async_trait]
impl Store for DynamoStore {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        check_key(key)?;
        value_within_limit(self.items.get(key)?.map(bytes))
    }

    async fn set(&self, key: &str, value: &[u8]) -> Result<()> {
        check_item(key, value)?;
        self.items
            .atomically(|items| items.put(key, &Content::Bytes(value.to_vec()), None))
    }

    async fn delete(&self, key: &str) -> Result<()> {
        check_key(key)?;
        self.items.atomically(|items| items.delete(key))
    }

    async fn exists(&self, key: &str) -> Result<bool> {
        check_key(key)?;
        Ok(self.items.get(key)?.is_some())
    }

    async fn list_keys(&self) -> Result<Vec<String>> {
        self.items.keys()
    }

    async fn stream_keys(&self) -> KeyStream {
        self.items.stream_keys()
    }

    async fn get_many(&self, keys: Vec<String>) -> Result<Vec<Pair>> {
        check_batch(keys.iter(), MAX_READS)?;
        let pairs = self
            .items
            .atomically(|items| super::items::select(items, keys, |item| Ok(bytes(item))))?;
        pairs_within_limit(pairs)
    }

    async fn set_many(&self, pairs: Vec<Pair>) -> Result<()> {
        check_batch(pairs.iter().map(|(key, _)| key), MAX_WRITES)?;
        for (key, value) in &pairs {
            check_item(key, value)?;
        }
        for (step, (key, value)) in pairs.iter().enumerate() {
            if step > 0 {
                self.steps.between(Call::SetMany, step, key).await?;
            }
            self.set(key, value).await?;
        }
        Ok(())
    }

    async fn delete_many(&self, keys: Vec<String>) -> Result<()> {
        check_batch(keys.iter(), MAX_WRITES)?;
        for (step, key) in keys.iter().enumerate() {
            if step > 0 {
                self.steps.between(Call::DeleteMany, step, key).await?;
            }
            self.delete(key).await?;
        }
        Ok(())
    }

    async fn increment(&self, key: &str, delta: i64) -> Result<i64> {
        check_key(key)?;
        let read = self.items.get(key)?.map(bytes);
        let old = match &read {
            Some(text) => std::str::from_utf8(text)
                .map_err(StoreError::other)?
                .parse::<i64>()
                .map_err(StoreError::other)?,
            None => 0,
        };
        self.steps.between(Call::Increment, 1, key).await?;
        let new = old.wrapping_add(delta);
        self.items.atomically(|items| {
            let found = items.get(key)?;
            let version = found.as_ref().and_then(|item| item.version);
            if found.map(bytes) != read {
                return Err(StoreError::other(
                    "TransactionCanceledException: ConditionalCheckFailed",
                ));
            }
            items.put(key, &Content::Bytes(new.to_string().into_bytes()), version)
        })?;
        Ok(new)
    }

    async fn compare_and_swap(&self, key: &str) -> Result<Box<dyn CompareAndSwap>> {
        Ok(Box::new(DynamoSwap {
            items: self.items.clone(),
            key: key.to_owned(),
            expected: Mutex::new(Expected::Anything),
        }))
    }
}

struct DynamoSwap {
    items: Items,
    key: String,
    expected: Mutex<Expected>,
}

/// The state that a swap expects.
#[derive(Clone)]
enum Expected {
    /// `current` was never called.
    Anything,
    Nothing,
    Version(i64),
    Value(Vec<u8>),
}

impl Expected {
    fn is(&self, item: Option<&Item>) -> bool {
        match (self, item) {
            (Self::Anything, _) | (Self::Nothing, None) => true,
            (Self::Version(version), Some(item)) => item.version == Some(*version),
            (Self::Value(value), Some(item)) => item.content == Content::Bytes(value.clone()),
            _ => false,
        }
    }
}

#[async_trait]
impl CompareAndSwap for DynamoSwap {
    async fn current(&self) -> Result<Option<Vec<u8>>> {
        check_key(&self.key)?;
        let item = self.items.get(&self.key)?;
        let version = item.as_ref().and_then(|item| item.version);
        let value = item.map(bytes);
        *self.expected.lock().unwrap_or_else(PoisonError::into_inner) = match (version, &value) {
            (Some(version), Some(_)) => Expected::Version(version),
            (None, Some(value)) => Expected::Value(value.clone()),
            (_, None) => Expected::Nothing,
        };
        value_within_limit(value)
    }

    async fn swap(&self, value: Vec<u8>) -> Result<(), SwapError> {
        let expected = self
            .expected
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if check_item(&self.key, &value).is_err() {
            return Err(SwapError::Failed);
        }
        self.items.atomically(|items: &Locked<'_>| {
            let item = items.get(&self.key)?;
            if !expected.is(item.as_ref()) {
                return Err(SwapError::Failed);
            }
            let version = item.and_then(|item| item.version).unwrap_or(0) + 1;
            Ok(items.put(&self.key, &Content::Bytes(value), Some(version))?)
        })
    }
}
