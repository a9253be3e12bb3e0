//! The port of the verification to its host.

use std::future::Future;

use bytes::Bytes;
use http::HeaderMap;

use crate::clock::Clock;

/// Fetches and stores the keys of issuers, and shares verified tokens.
pub trait KeyHost: Clock + Clone + Send + Sync + 'static {
    /// GETs a URL over HTTP. Any status but 200 is an error, redirects included. Size and time are
    /// bounded.
    fn fetch(&self, url: &str) -> impl Future<Output = Result<Fetched, FetchError>> + Send;

    /// Returns the keys that are stored under a name; None also if they cannot be read.
    fn stored_keys(&self, name: &str) -> Option<Vec<u8>>;

    /// Stores keys for other instances. A failure is logged and otherwise ignored.
    fn store_keys(&self, name: &str, value: Vec<u8>);

    /// Returns the shared token in a slot; None also if it cannot be read.
    fn shared_token(&self, slot: &str) -> Option<Vec<u8>>;

    /// Shares a token with other instances. The next write of an order stores it, if there is one.
    fn share_token(&self, slot: &str, value: Vec<u8>);

    /// Runs a task that may outlast the response.
    fn spawn<F: Future<Output = ()> + Send + 'static>(&self, task: impl FnOnce(Self) -> F);
}

/// A fetched document.
#[derive(Debug)]
pub struct Fetched {
    /// The content.
    pub body: Bytes,
    /// The headers of the response.
    pub headers: HeaderMap,
}

/// Why a URL could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// No connection, or no complete response in time.
    #[error("no response: {0}")]
    NoAnswer(String),
    /// A status other than 200.
    #[error("status {0}")]
    Status(u16),
    /// The content is larger than the limit.
    #[error("more than {0} bytes")]
    TooLarge(usize),
}
