//! The Redis server, as the claims use it.

use claims_shared::{Failure, inconclusive};

/// A Redis server.
pub trait Server {
    /// Sets a key that expires after `seconds`, unless the key exists; returns whether it did.
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

/// A failed command, with the reason. The command may have had its effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerError(pub String);

impl From<ServerError> for Failure {
    fn from(ServerError(reason): ServerError) -> Self {
        inconclusive(format!("Redis: {reason}"))
    }
}
