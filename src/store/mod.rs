//! Key-value storage: which key holds what, on every provider.
//!
//! | key | value | written |
//! |---|---|---|
//! | `eo:order:<id>` | the order as JSON, see [`stored`] | once; a repeat writes the same |
//! | `eo:state:<id>` | the state of the order as JSON | with the order, if it is due at once; by the winner of its lease |
//! | `eo:ref:<hash>:<w>`, `:<wr>`, `:<wri>` | `1`: a writer whose name begins so has orders of this reference | by each such writer |
//! | `eo:ref:<hash>:<writ>` | ids of orders, 16 bytes each, then the version of the page | by the writer with these first four digits |
//! | `eo:due:<month>`, `<day>`, `<hour>`, `<minute>` | `1`: an order is due in that time | by each writer |
//! | `eo:due:<minute>:<w>`, `:<wr>`, … `:<writer>` | `1`: a writer whose name begins so has due orders | by each such writer |
//! | `eo:due:<minute>:<writer>:<n>` | the id of an order, 16 bytes | once, by the writer |
//! | `eo:due:<minute>:<writer>:done` | the slot before which all of the writer's orders are settled | by the last scan |
//! | `eo:notes:<id>:<page>` | the notifications to [`PAGE`] of the order's recipients, as JSON | by the winner of the order's lease |
//! | `eo:notes:<id>:<page>:<part>` | further notifications to these recipients, if they have more than [`PAGE`] addresses | the same, before the page |
//! | `eo:note:<notification>` | the order of the notification, 16 bytes | with its page |
//! | `eo:provider:<hash>` | the notification with this id of a provider's, 16 bytes | with its result |
//! | `eo:report:<notification>` | the last report that changed it, as JSON | by the instance that received the report |
//! | `eo:pause` | the end of the sender's pause, in seconds since 1970 | by the instance that met the rate limit |
//! | `eo:run` | the last run of the trigger, as JSON | by the run |
//! | `eo:claim:<name>:<n>` | the winner of a claim, see [`Claims`] | by the component that decides races, if it uses this store |
//! | `eo:claim:<name>:<n>:blocked` | when a candidate lost the claim, in seconds since 1970 | by a loser |
//! | `eo:jwks:<hash>` | the keys of an issuer, with their age, as sealed JSON | by the instance that fetched them |
//! | `eo:token:<slot>` | a verified token, as instances share it, as sealed JSON | with the next batch |
//! | `eo:claims` | how claims are made on this provider | by the component that decides races |
//!
//! Sealed values are authenticated if a trigger key is configured, see [`Seal`](crate::auth::Seal).
//! `<hash>` is of a creator and a sender's reference, of a provider's id of an email, or of an
//! issuer. Times are in UTC and look like `2030-01-31T08:00`. An order that is due already is filed
//! under the present minute. A minute's marker is `0` once all its orders are settled.
//!
//! **Writers.** No provider lists keys by prefix, and no atomic operation is portable. So a writer
//! must be able to add to an index without knowledge of other writers, and a reader must find every
//! entry without a list of keys. Each instance therefore has a writer with a random name of six
//! digits to the base of 64, which marks the path to its entries. Every marker has 64 possible
//! children, and a reader finds all writers by asking for those. All writers write the same markers,
//! so writing one twice is harmless. A writer remembers what it has written and reads nothing before
//! it writes.
//!
//! Two instances with the same name could hide each other's orders from an index. The index of due
//! times uses all 36 bits of a name. The index of references uses 24, to be cheap to read: among a
//! thousand instances with orders of one reference, two share a page with a probability of 3 %. The
//! order itself stays stored under its id in any case.
//!
//! **Batches.** An order and its index entries are one `set-many`, together with everything else
//! that the instance writes at the same time, see [`group_commit`]. Where that is no transaction,
//! entries are written in order, the order last. An index entry may then lead to no order; the
//! request that wrote it did not get 202.
//!
//! **Slots.** A writer fills its slots in a minute in sequence, so that a reader stops at the first
//! empty one. A batch that fails may have been written all the same. The instance then takes a new
//! writer, so that no slot is taken twice and none is left out.
//!
//! **Deletion.** Only due times are deleted: a minute with everything under it, ten minutes after it
//! has ended and if all its orders are settled; an hour, a day or a month when it is empty. Orders
//! are filed only under minutes that have not ended. So a deleted minute gets no more orders, unless
//! clocks differ by more than ten minutes: such an order stays stored, but is not found as due.
//!
//! **No listing.** No code lists keys: on SQLite a listing holds the lock of the whole provider, and
//! on all others it reads every key of the application (Spin 4.1).
//!
//! **Reports** have keys of their own and are never written into a page: the instance that receives a
//! report and the one that delivers the order may differ, and neither must overwrite the other.

mod batch_writer;
mod cache;
mod delivery_store;
mod due;
mod group_commit;
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
    /// Waits for requests that are about to write, so that they share one write. Takes at most about
    /// 1 ms.
    fn gather(&self) -> impl Future<Output = ()> + Send;

    /// Returns the value of a key.
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError>;

    /// Returns the values of those keys that have one, in any order. Fails on Redis.
    fn get_many(&self, keys: &[Key]) -> Result<Vec<(String, Vec<u8>)>, StoreError>;

    /// Writes all entries. Where that is no transaction, it writes them in their order.
    fn set_many(&self, entries: Vec<(Key, Vec<u8>)>) -> Result<(), StoreError>;

    /// Deletes these keys. A key without a value is no error.
    fn delete_many(&self, keys: &[Key]) -> Result<(), StoreError>;
}

/// Why a store operation failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The host returned an error; its text is for the log alone.
    #[error("key-value store: {0}")]
    Host(String),
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
