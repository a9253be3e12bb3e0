//! What verification asks of the host.

use std::future::Future;

use bytes::Bytes;
use http::HeaderMap;

use crate::clock::Clock;

/// Fetches and keeps the keys of issuers, and shares what was verified with them.
pub trait KeyHost: Clock + Clone + Send + Sync + 'static {
    /// GETs a URL over HTTP: 200 only, no redirect followed, bounded in size and time.
    fn fetch(&self, url: &str) -> impl Future<Output = Result<Fetched, FetchError>> + Send;

    /// Returns what was stored under a name, if it can be read.
    fn stored_keys(&self, name: &str) -> Option<Vec<u8>>;

    /// Stores keys for other instances. That it fails is logged, and does no harm.
    fn store_keys(&self, name: &str, value: Vec<u8>);

    /// Returns what instances share under a name, if it can be read.
    fn shared_token(&self, slot: &str) -> Option<Vec<u8>>;

    /// Shares something with other instances, with whatever is stored next; it may come to nothing.
    fn share_token(&self, slot: &str, value: Vec<u8>);

    /// Does something behind the response.
    fn spawn<F: Future<Output = ()> + Send + 'static>(&self, task: impl FnOnce(Self) -> F);
}

/// What a URL gave.
#[derive(Debug)]
pub struct Fetched {
    /// The content.
    pub body: Bytes,
    /// The headers of the answer.
    pub headers: HeaderMap,
}

/// Why a URL gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// No connection, or no whole answer in time.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// Another status than 200.
    #[error("status {0}")]
    Status(u16),
    /// More content than is read.
    #[error("more than {0} bytes")]
    TooLarge(usize),
}
