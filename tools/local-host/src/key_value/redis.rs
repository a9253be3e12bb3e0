//! Models Spin's Redis provider (Spin 4.1).
//!
//! - Numbers are decimal text; `increment` is atomic.
//! - A swap takes effect if the key has not changed since `current`, or if `current` was never called.
//!   It always reports failure, because its command is malformed.
//! - `get_many` issues KEYS. It fails for several keys and for one that exists, and returns nothing for
//!   one that does not exist.
//! - `set_many` is atomic. Labels are ignored: there is one store.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use super::{
    items::{Content, Item, Items},
    store::{
        CompareAndSwap, KeyStream, Pair, Result, Store, StoreError, SwapError, value_within_limit,
    },
};

pub(super) struct RedisStore {
    items: Items,
}

impl RedisStore {
    pub(super) fn open(items: &Items) -> Result<Self> {
        items.prepare()?;
        Ok(Self {
            items: items.clone(),
        })
    }
}

fn bytes(item: Item) -> Vec<u8> {
    match item.content {
        Content::Bytes(bytes) => bytes,
        Content::Number(number) => number.to_string().into_bytes(),
    }
}

#[async_trait]
impl Store for RedisStore {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        value_within_limit(self.items.get(key)?.map(bytes))
    }

    async fn set(&self, key: &str, value: &[u8]) -> Result<()> {
        self.items
            .atomically(|items| items.put(key, &Content::Bytes(value.to_vec()), None))
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.items.atomically(|items| items.delete(key))
    }

    async fn exists(&self, key: &str) -> Result<bool> {
        Ok(self.items.get(key)?.is_some())
    }

    async fn list_keys(&self) -> Result<Vec<String>> {
        self.items.keys()
    }

    async fn stream_keys(&self) -> KeyStream {
        self.items.stream_keys()
    }

    async fn get_many(&self, keys: Vec<String>) -> Result<Vec<Pair>> {
        match &keys[..] {
            [key] if self.items.get(key)?.is_none() => Ok(Vec::new()),
            [_] => Err(StoreError::other(
                "Response was of incompatible type - TypeError: Map conversion needs an even number of elements",
            )),
            _ => Err(StoreError::other(
                "wrong number of arguments for 'keys' command",
            )),
        }
    }

    async fn set_many(&self, pairs: Vec<Pair>) -> Result<()> {
        self.items.atomically(|items| {
            pairs
                .into_iter()
                .try_for_each(|(key, value)| items.put(&key, &Content::Bytes(value), None))
        })
    }

    async fn delete_many(&self, keys: Vec<String>) -> Result<()> {
        self.items
            .atomically(|items| keys.iter().try_for_each(|key| items.delete(key)))
    }

    async fn increment(&self, key: &str, delta: i64) -> Result<i64> {
        self.items.atomically(|items| {
            let old = match items.get(key)?.map(bytes) {
                Some(text) => std::str::from_utf8(&text)
                    .ok()
                    .and_then(|text| text.parse::<i64>().ok())
                    .ok_or_else(|| StoreError::other("value is not an integer or out of range"))?,
                None => 0,
            };
            let new = old
                .checked_add(delta)
                .ok_or_else(|| StoreError::other("increment or decrement would overflow"))?;
            items.put(key, &Content::Bytes(new.to_string().into_bytes()), None)?;
            Ok(new)
        })
    }

    async fn compare_and_swap(&self, key: &str) -> Result<Box<dyn CompareAndSwap>> {
        Ok(Box::new(RedisSwap {
            items: self.items.clone(),
            key: key.to_owned(),
            watched: Mutex::new(Watched::Anything),
        }))
    }
}

struct RedisSwap {
    items: Items,
    key: String,
    watched: Mutex<Watched>,
}

/// The state that a swap expects.
#[derive(Clone, Copy)]
enum Watched {
    /// `current` was never called.
    Anything,
    /// The revision that `current` has read; `None` if the key was absent.
    Revision(Option<i64>),
}

#[async_trait]
impl CompareAndSwap for RedisSwap {
    async fn current(&self) -> Result<Option<Vec<u8>>> {
        let item = self.items.get(&self.key)?;
        *self.watched.lock().unwrap_or_else(PoisonError::into_inner) =
            Watched::Revision(item.as_ref().map(|item| item.revision));
        value_within_limit(item.map(bytes))
    }

    async fn swap(&self, value: Vec<u8>) -> Result<(), SwapError> {
        let watched = *self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        self.items.atomically(|items| {
            let revision = items.get(&self.key)?.map(|item| item.revision);
            let unchanged = match watched {
                Watched::Anything => true,
                Watched::Revision(watched) => watched == revision,
            };
            if unchanged {
                items.put(&self.key, &Content::Bytes(value), None)?;
            }
            Ok::<_, StoreError>(())
        })?;
        Err(SwapError::Failed)
    }
}
