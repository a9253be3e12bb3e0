//! The key-value store, as the claims use it.

use std::time::Duration;

pub use spin_store::StoreError;

/// How long a contender waits before it checks whether it has won: longer than a write usually
/// takes to become visible within a region.
pub const VISIBILITY_DELAY: Duration = Duration::from_millis(100);

/// A store of registers: values that can be read and written, and nothing else.
pub trait Registers {
    /// Returns the value of a key.
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Writes a value.
    fn set(&self, key: &str, value: &str) -> Result<(), StoreError>;

    /// Waits until earlier writes are usually visible to all instances.
    fn wait_until_visible(&self) -> impl Future<Output = ()>;
}
