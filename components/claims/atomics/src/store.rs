//! What the claims ask of a key-value store.

use claims_shared::{Failure, inconclusive};

/// A key-value store with atomic operations: each call does what the provider does, right or wrong.
pub trait KeyValue {
    /// A started compare-and-swap.
    type Swap;

    /// Returns the value under a key.
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Returns whether there is anything under a key, also where it cannot be read as a value.
    fn exists(&self, key: &str) -> Result<bool, StoreError>;

    /// Writes a value.
    fn set(&self, key: &str, value: &[u8]) -> Result<(), StoreError>;

    /// Deletes a key.
    fn delete(&self, key: &str) -> Result<(), StoreError>;

    /// Adds to the number under a key, and returns the sum.
    fn increment(&self, key: &str, delta: i64) -> Result<i64, StoreError>;

    /// Starts a compare-and-swap and reads the present value: on DynamoDB a swap compares nothing
    /// otherwise.
    fn start_swap(&self, key: &str) -> Result<(Self::Swap, Option<Vec<u8>>), StoreError>;

    /// Writes a value if the one that was read is still there; returns whether it was.
    fn finish_swap(&self, swap: Self::Swap, value: &[u8]) -> Result<bool, StoreError>;
}

/// The host's words on why a call failed; it may have had its effect all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreError(pub String);

impl From<StoreError> for Failure {
    fn from(StoreError(why): StoreError) -> Self {
        inconclusive(format!("key-value store: {why}"))
    }
}
