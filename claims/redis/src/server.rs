//! What the claims ask of Redis.

use claims_shared::{Failure, inconclusive};

/// A Redis server.
pub(crate) trait Server {
    /// Sets a key for so many seconds, unless it exists; returns whether it did.
    async fn set_if_absent(
        &self,
        key: &str,
        value: &str,
        seconds: i64,
    ) -> Result<bool, ServerError>;

    /// Returns the value of a key.
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, ServerError>;

    /// Adds one to the number of a key.
    async fn increment(&self, key: &str) -> Result<i64, ServerError>;
}

/// Why Redis did not answer; it may have done what it was asked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerError(pub(crate) String);

impl From<ServerError> for Failure {
    fn from(ServerError(why): ServerError) -> Self {
        inconclusive(format!("Redis: {why}"))
    }
}
