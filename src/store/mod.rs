//! Key-value storage: which key holds what, on every provider.
//!
//! docs/architecture.md explains the keys, who writes them in which order, and what each fault leaves.
//! In short:
//!
//! - An instance is a [`writer`] with a name of its own, and adds to indexes under that name without
//!   reading. A [tree](writer_tree) of markers leads to all writers.
//! - [`due`] is the index of orders by the minute in which they are due, [`reference`] by their sender's
//!   reference, and the [`journal`] by the time at which they were stored.
//! - An order and all its index entries are one write, together with everything else that the instance
//!   writes at the same time, see [`group_commit`] and [`batch_writer`].
//! - No code lists keys: on SQLite a listing holds the lock of the whole provider, and on all others it
//!   reads every key of the application (Spin 4.1).
//!
//! Values are described in [`stored`]. Sealed values are authenticated if a trigger key is configured,
//! see [`Seal`](crate::auth::Seal).

mod batch_writer;
mod cache;
mod delivery_store;
mod due;
mod group_commit;
mod journal;
mod key;
mod last_run;
mod leases;
mod listing;
#[cfg(test)]
mod memory;
mod order_store;
mod pace;
mod read;
mod reference;
mod retention;
mod sender_fault;
mod sender_limit;
mod stored;
mod stores;
mod write;
mod writer;
mod writer_tree;
mod yield_now;

pub use cache::Cache;
pub use delivery_store::{DeliveryStore, PAGE, Page, PartId, StoredPart};
pub use due::{DueIndex, DueMinute};
pub use key::Key;
pub use last_run::LastRun;
pub use leases::{CLAIM_SECONDS, Candidate, ClaimFailure, Claimed, Claims, Leases};
pub use listing::{OrderPage, Selection};
#[cfg(test)]
pub(crate) use memory::{MemoryStore, Provider};
pub use order_store::OrderStore;
pub use pace::{Pace, Stopped};
pub use retention::{Retention, RetentionDays};
pub use sender_fault::SenderFault;
pub use sender_limit::SenderLimit;
pub use stored::Unreadable;
pub use stores::Stores;
pub(crate) use yield_now::yield_now;

/// A key-value store. Each call does what the provider of the host does, right or wrong.
///
/// The calls are synchronous: while one runs, nothing else runs in the instance. The host offers
/// writes of several keys only in this form (`wasi:keyvalue`), and it keeps an instance from racing
/// with itself.
pub trait KeyValue: Send + Sync + 'static {
    /// Waits for other requests that are about to store an order, so that all of them share one write.
    /// A request must not wait long: about 1 ms.
    fn gather(&self) -> impl Future<Output = ()> + Send;

    /// Returns the value of a key.
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError>;

    /// Returns the values of those keys that have one, in any order. Fails on Redis.
    fn get_many(&self, keys: &[Key]) -> Result<Vec<(String, Vec<u8>)>, StoreError>;

    /// Writes all entries. Where that is no transaction, it writes them in their order, or in any order
    /// (DynamoDB), and may fail after some of them.
    fn set_many(&self, entries: Vec<(Key, Vec<u8>)>) -> Result<(), Refused>;

    /// Returns the next number of the writers' sequence; None if there is no sequence, or its answer is
    /// inconclusive. No two calls return the same number.
    fn next_writer(&self) -> impl Future<Output = Option<u64>> + Send;

    /// Deletes these keys. A key without a value is no error.
    fn delete_many(&self, keys: &[Key]) -> Result<(), StoreError>;
}

/// A write that failed. Some of its entries may be written all the same, also later.
#[derive(Debug)]
pub struct Refused {
    /// Why it failed.
    pub error: StoreError,
    /// The entries.
    pub entries: Vec<(Key, Vec<u8>)>,
}

/// Why a store operation failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The host returned an error; its text is for the log alone.
    #[error("key-value store: {0}")]
    Host(String),
    /// The store takes other values, but not one as large as this.
    #[error("the value is larger than the key-value store takes")]
    TooLarge,
    /// A stored value cannot be read.
    #[error("stored value {key}: {reason}")]
    Unreadable {
        /// Its key. A key holds ids and hashes, and no personal data.
        key: Key,
        /// What is wrong with it.
        reason: Unreadable,
    },
}

/// The value of a marker.
const MARKER: &[u8] = b"1";
