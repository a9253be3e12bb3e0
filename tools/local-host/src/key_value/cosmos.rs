//! Models Spin's Azure Cosmos DB provider (Spin 4.1).
//!
//! - A key with `/ \ ? #` cannot be written; one with `'` cannot be read.
//! - A value is stored as a JSON array of numbers, in a document of at most 2 MiB.
//! - `set_many` and `delete_many` are loops: a reader, or a failure, between two steps sees a part.
//! - Numbers and values are different documents: `increment` of a value fails, and so does reading a
//!   number.
//! - `increment` adds atomically and then reads, so two that race can return the same number. Two that
//!   race for the first number both return their own delta.
//! - A swap inserts atomically, and replaces by entity tag.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use super::{
    items::{Content, Item, Items},
    open::Steps,
    store::{
        CompareAndSwap, KeyStream, Pair, Result, Store, StoreError, SwapError, pairs_within_limit,
        value_within_limit,
    },
};
use crate::calls::Call;

const MAX_DOCUMENT_BYTES: usize = 2 << 20;

pub(super) struct CosmosStore {
    items: Items,
    steps: Steps,
}

impl CosmosStore {
    pub(super) fn open(items: &Items, steps: Steps) -> Result<Self> {
        items.prepare()?;
        Ok(Self {
            items: items.clone(),
            steps,
        })
    }

    fn upsert(&self, key: &str, value: &[u8]) -> Result<()> {
        if key.contains(['/', '\\', '?', '#']) {
            return Err(StoreError::other(
                r"Key contains an illegal character. Keys must not include any of: /\?#",
            ));
        }
        check_size(key, value)?;
        self.items
            .atomically(|items| items.put(key, &Content::Bytes(value.to_vec()), None))
    }
}

/// Refuses keys that break a query, into which keys are inserted without escaping.
fn check_query(key: &str) -> Result<()> {
    if key.contains('\'') {
        Err(StoreError::other("Syntax error in the query"))
    } else {
        Ok(())
    }
}

fn check_size(key: &str, value: &[u8]) -> Result<()> {
    let digits = |byte: &u8| match byte {
        0..10 => 1,
        10..100 => 2,
        _ => 3,
    };
    let array: usize = value.iter().map(|byte| digits(byte) + 1).sum();
    if array + key.len() + r#"{"id":"","value":[]}"#.len() > MAX_DOCUMENT_BYTES {
        Err(StoreError::other("Request size is too large"))
    } else {
        Ok(())
    }
}

fn value(item: Item) -> Result<Vec<u8>> {
    match item.content {
        Content::Bytes(bytes) => Ok(bytes),
        Content::Number(_) => Err(StoreError::other("invalid type: expected a sequence")),
    }
}

#[async_trait]
impl Store for CosmosStore {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        check_query(key)?;
        value_within_limit(self.items.get(key)?.map(value).transpose()?)
    }

    async fn set(&self, key: &str, value: &[u8]) -> Result<()> {
        self.upsert(key, value)
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.items.atomically(|items| items.delete(key))
    }

    async fn exists(&self, key: &str) -> Result<bool> {
        check_query(key)?;
        Ok(self.items.get(key)?.is_some())
    }

    async fn list_keys(&self) -> Result<Vec<String>> {
        self.items.keys()
    }

    async fn stream_keys(&self) -> KeyStream {
        self.items.stream_keys()
    }

    async fn get_many(&self, keys: Vec<String>) -> Result<Vec<Pair>> {
        keys.iter().try_for_each(|key| check_query(key))?;
        let pairs = self
            .items
            .atomically(|items| super::items::select(items, keys, value))?;
        pairs_within_limit(pairs)
    }

    async fn set_many(&self, pairs: Vec<Pair>) -> Result<()> {
        for (step, (key, value)) in pairs.iter().enumerate() {
            if step > 0 {
                self.steps.between(Call::SetMany, step, key).await?;
            }
            self.upsert(key, value)?;
        }
        Ok(())
    }

    async fn delete_many(&self, keys: Vec<String>) -> Result<()> {
        for (step, key) in keys.iter().enumerate() {
            if step > 0 {
                self.steps.between(Call::DeleteMany, step, key).await?;
            }
            self.delete(key).await?;
        }
        Ok(())
    }

    async fn increment(&self, key: &str, delta: i64) -> Result<i64> {
        let found = self.items.atomically(|items| match items.get(key)? {
            None => Ok(false),
            Some(Item {
                content: Content::Number(old),
                ..
            }) => {
                items.put(key, &Content::Number(old.wrapping_add(delta)), None)?;
                Ok(true)
            }
            Some(_) => Err(StoreError::other(
                "The operation can only be applied to a number",
            )),
        })?;
        self.steps.between(Call::Increment, 1, key).await?;
        if found {
            check_query(key)?;
            return match self.items.get(key)?.map(|item| item.content) {
                Some(Content::Number(number)) => Ok(number),
                _ => Err(StoreError::other("increment returned an empty value")),
            };
        }
        let created = self.items.atomically(|items| {
            let absent = items.get(key)?.is_none();
            if absent {
                items.put(key, &Content::Number(delta), None)?;
            }
            Ok::<_, StoreError>(absent)
        })?;
        if created {
            return Ok(delta);
        }
        // Another call created the number first. This one adds, but returns its delta nevertheless.
        self.increment(key, delta).await?;
        Ok(delta)
    }

    async fn compare_and_swap(&self, key: &str) -> Result<Box<dyn CompareAndSwap>> {
        Ok(Box::new(CosmosSwap {
            items: self.items.clone(),
            key: key.to_owned(),
            tag: Mutex::new(None),
        }))
    }
}

struct CosmosSwap {
    items: Items,
    key: String,
    tag: Mutex<Option<i64>>,
}

#[async_trait]
impl CompareAndSwap for CosmosSwap {
    async fn current(&self) -> Result<Option<Vec<u8>>> {
        check_query(&self.key)?;
        let Some(item) = self.items.get(&self.key)? else {
            return Ok(None);
        };
        let revision = item.revision;
        let value = value(item)?;
        *self.tag.lock().unwrap_or_else(PoisonError::into_inner) = Some(revision);
        value_within_limit(Some(value))
    }

    async fn swap(&self, value: Vec<u8>) -> Result<(), SwapError> {
        let tag = *self.tag.lock().unwrap_or_else(PoisonError::into_inner);
        let writable = !self.key.contains(['/', '\\', '?', '#']);
        if !writable || check_size(&self.key, &value).is_err() {
            return Err(SwapError::Failed);
        }
        self.items.atomically(|items| {
            if items.get(&self.key)?.map(|item| item.revision) != tag {
                return Err(SwapError::Failed);
            }
            Ok(items.put(&self.key, &Content::Bytes(value), None)?)
        })
    }
}
