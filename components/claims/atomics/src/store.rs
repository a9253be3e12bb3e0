//! The key-value store, as the claims use it.

pub use spin_store::StoreError;

/// A key-value store with atomic operations. Each call has the provider's semantics, sound or not.
pub trait KeyValue {
    /// A started compare-and-swap.
    type Swap;

    /// Returns the value of a key.
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Returns whether a key exists, also if its value cannot be read.
    fn exists(&self, key: &str) -> Result<bool, StoreError>;

    /// Writes a value.
    fn set(&self, key: &str, value: &[u8]) -> Result<(), StoreError>;

    /// Deletes a key.
    fn delete(&self, key: &str) -> Result<(), StoreError>;

    /// Adds to the number of a key, and returns the sum.
    fn increment(&self, key: &str, delta: i64) -> Result<i64, StoreError>;

    /// Starts a compare-and-swap and reads the current value. Without that read, a swap on DynamoDB
    /// compares nothing (Spin 4.1).
    fn start_swap(&self, key: &str) -> Result<(Self::Swap, Option<Vec<u8>>), StoreError>;

    /// Writes a value if the key still has the value that was read; returns whether it did.
    fn finish_swap(&self, swap: Self::Swap, value: &[u8]) -> Result<bool, StoreError>;
}
