//! The interface of a key-value provider.

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot};

use crate::faults::Injected;

/// The size limit of a result.
pub(crate) const MAX_RESULT_BYTES: usize = 128 << 20;

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("the component must not use this store")]
    AccessDenied,
    #[error("too many stores are open")]
    TableFull,
    #[error("there is no such store")]
    NoSuchStore,
    #[error("{0}")]
    Other(String),
    /// Spin itself panics, and the call ends the instance.
    #[error("host panic: {0}")]
    Panic(String),
}

/// Why a swap failed, or is reported as failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SwapError {
    /// The value was not the expected one. The next swap needs a new handle.
    #[error("the value has changed")]
    Failed,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl StoreError {
    pub(crate) fn other(error: impl std::fmt::Display) -> Self {
        Self::Other(error.to_string())
    }
}

impl From<Injected> for StoreError {
    fn from(injected: Injected) -> Self {
        match injected {
            Injected::Fail(message) => Self::Other(message),
            Injected::Trap => Self::Panic("injected".to_owned()),
        }
    }
}

impl From<Injected> for SwapError {
    fn from(injected: Injected) -> Self {
        Self::Store(injected.into())
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        tracing::warn!(%error, "key-value store");
        Self::Other(format!("{error:?}"))
    }
}

impl From<rusqlite::Error> for SwapError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

pub(crate) type Result<T, E = StoreError> = std::result::Result<T, E>;

/// A key and its value.
pub(crate) type Pair = (String, Vec<u8>);

/// A stream of keys, and its result.
pub(crate) struct KeyStream {
    pub(crate) keys: mpsc::Receiver<String>,
    pub(crate) end: oneshot::Receiver<Result<()>>,
}

/// An open store.
#[async_trait]
pub(crate) trait Store: Send + Sync {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>>;
    async fn set(&self, key: &str, value: &[u8]) -> Result<()>;
    async fn delete(&self, key: &str) -> Result<()>;
    async fn exists(&self, key: &str) -> Result<bool>;
    /// Returns all keys at once.
    async fn list_keys(&self) -> Result<Vec<String>>;
    /// Returns all keys as a stream.
    async fn stream_keys(&self) -> KeyStream;
    async fn get_many(&self, keys: Vec<String>) -> Result<Vec<Pair>>;
    async fn set_many(&self, pairs: Vec<Pair>) -> Result<()>;
    async fn delete_many(&self, keys: Vec<String>) -> Result<()>;
    async fn increment(&self, key: &str, delta: i64) -> Result<i64>;
    async fn compare_and_swap(&self, key: &str) -> Result<Box<dyn CompareAndSwap>>;
}

/// A compare-and-swap that has begun.
#[async_trait]
pub(crate) trait CompareAndSwap: Send + Sync {
    async fn current(&self) -> Result<Option<Vec<u8>>>;
    async fn swap(&self, value: Vec<u8>) -> Result<(), SwapError>;
}

/// Refuses a result that is too large.
pub(crate) fn within_limit<T>(result: T, bytes: usize) -> Result<T> {
    if bytes > MAX_RESULT_BYTES {
        Err(StoreError::Other(format!(
            "query result exceeds limit of {MAX_RESULT_BYTES} bytes"
        )))
    } else {
        Ok(result)
    }
}

/// Refuses a value that is too large.
pub(crate) fn value_within_limit(value: Option<Vec<u8>>) -> Result<Option<Vec<u8>>> {
    let bytes = size_of_val(&value) + value.as_ref().map_or(0, Vec::len);
    within_limit(value, bytes)
}

/// Refuses keys whose total size is too large.
pub(crate) fn keys_within_limit(keys: Vec<String>) -> Result<Vec<String>> {
    let bytes = keys.iter().map(|key| size_of_val(key) + key.len()).sum();
    within_limit(keys, bytes)
}

/// Refuses pairs whose total size is too large.
pub(crate) fn pairs_within_limit(pairs: Vec<Pair>) -> Result<Vec<Pair>> {
    let size = |pair: &Pair| size_of_val(pair) + pair.0.len() + pair.1.len();
    let bytes = pairs.iter().map(size).sum();
    within_limit(pairs, bytes)
}
