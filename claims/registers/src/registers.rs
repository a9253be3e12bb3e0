//! What the claims ask of a key-value store.

use claims_shared::{Failure, inconclusive};

/// A store of registers: values that are read and written, and no more.
pub(crate) trait Registers {
    /// Returns the value of a key.
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Writes a value.
    fn set(&self, key: &str, value: &str) -> Result<(), StoreError>;

    /// Waits until a write that has begun before is usually seen.
    async fn settle(&self);
}

/// The host's words on why a call failed; a write may have been done all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoreError(pub(crate) String);

impl From<StoreError> for Failure {
    fn from(StoreError(why): StoreError) -> Self {
        inconclusive(format!("key-value store: {why}"))
    }
}
