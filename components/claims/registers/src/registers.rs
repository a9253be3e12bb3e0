//! What the claims ask of a key-value store.

use std::time::Duration;

use claims_shared::{Failure, inconclusive};

/// How long a contender waits before it looks whether it has won: longer than a write usually takes
/// within a region.
pub const SETTLE: Duration = Duration::from_millis(100);

/// A store of registers: values that are read and written, and no more.
pub trait Registers {
    /// Returns the value of a key.
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Writes a value.
    fn set(&self, key: &str, value: &str) -> Result<(), StoreError>;

    /// Waits until a write that has begun before is usually seen.
    fn settle(&self) -> impl Future<Output = ()>;
}

/// The host's words on why a call failed; a write may have been done all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreError(pub String);

impl From<StoreError> for Failure {
    fn from(StoreError(why): StoreError) -> Self {
        inconclusive(format!("key-value store: {why}"))
    }
}
