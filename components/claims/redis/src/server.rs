//! What the claims ask of Redis.

use claims_shared::{Failure, inconclusive};

/// A Redis server.
pub trait Server {
    /// Sets a key for so many seconds, unless it exists; returns whether it did.
    fn set_if_absent(
        &self,
        key: &str,
        value: &str,
        seconds: i64,
    ) -> impl Future<Output = Result<bool, ServerError>>;

    /// Returns the value of a key.
    fn get(&self, key: &str) -> impl Future<Output = Result<Option<Vec<u8>>, ServerError>>;

    /// Adds one to the number of a key.
    fn increment(&self, key: &str) -> impl Future<Output = Result<i64, ServerError>>;
}

/// Why Redis did not answer; it may have done what it was asked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerError(pub String);

impl From<ServerError> for Failure {
    fn from(ServerError(why): ServerError) -> Self {
        inconclusive(format!("Redis: {why}"))
    }
}
