//! What is kept under which key, for every key-value provider alike.
//!
//! | key | value | written |
//! |---|---|---|
//! | `eo:order:<id>` | the order as JSON, see [`stored`] | once, or the same again |
//! | `eo:state:<id>` | what has become of the order, as JSON | with the order, if it is due at once; by the winner of its claim |
//! | `eo:ref:<hash>:<l>`, `:<la>`, `:<lan>` | `1`: some lane that begins so has orders of this reference | the same by all |
//! | `eo:ref:<hash>:<lane>` | ids of orders, 16 bytes each, and the version of the page | by the lane, named by its first four digits |
//! | `eo:due:<month>`, `<day>`, `<hour>`, `<minute>` | `1`: some order is due in that time | the same by all |
//! | `eo:due:<minute>:<l>`, `:<la>`, … `:<lane>` | `1`: some lane that begins so has due orders | the same by all |
//! | `eo:due:<minute>:<lane>:<n>` | the id of an order, 16 bytes | once, by the lane |
//! | `eo:due:<minute>:<lane>:done` | the slot before which all of the lane's are settled | by whoever walked so far |
//! | `eo:notes:<id>:<page>` | the notifications to [`PAGE`] of the order's recipients, as JSON | by the winner of its claim |
//! | `eo:note:<notification>` | the order of the notification, 16 bytes | with its page |
//! | `eo:provider:<hash>` | the notification that a provider calls so, 16 bytes | with its result |
//! | `eo:report:<notification>` | what was reported of it, as JSON | by whoever was told |
//! | `eo:pause` | until when the sender takes nothing, in seconds since 1970 | by whoever was told |
//! | `eo:claim:<name>:<n>` | who claimed first, see [`Claims`] | by the component that decides races, if it uses this store |
//! | `eo:claim:<name>:<n>:blocked` | since when others wait, in seconds since 1970 | by a loser |
//! | `eo:jwks:<hash>` | the keys of an issuer, with their age, as sealed JSON | by the instance that fetched them |
//! | `eo:token:<slot>` | a verified token, as instances share it, as sealed JSON | along with an order |
//! | `eo:claims` | how claims are made on this provider | by the component that decides races |
//!
//! Sealed values are authenticated where there is a trigger key, see [`Seal`](crate::auth::Seal).
//! `<hash>` is of a creator and a sender's reference, or of a provider's name for an email; times
//! are in UTC, written like `2030-01-31T08:00`; an order whose time has come or gone is filed under
//! the present minute. A minute's marker is `0` once all its orders are settled.
//!
//! **Why lanes.** No provider lists keys by prefix, and no atomic operation means the same on all
//! of them. So whoever adds to an index must not need to know of others who do so at the same
//! time, and whoever reads must find all that was added without a list of keys. Each instance of
//! the component therefore writes in a [`Lane`] of its own, a random name of six digits to the
//! base of 64, and marks the path to it: every marker has 64 possible children, so that a reader
//! finds the lanes by asking for those. Markers say the same whoever writes them, so that writing
//! one twice is harmless. What a lane has written it knows, so that it reads nothing before it
//! writes.
//!
//! Two instances with one lane could hide an order of each other from an index. For due times that
//! takes the same 36 random bits. The index of references goes by the first 24, so that it stays
//! cheap to read: in a thousand instances that have orders of one reference, some two share a page
//! with a probability of 3 %. Either way the order itself stays stored under its id.
//!
//! **One write.** An order and what finds it are one `set-many`, and so is all that comes to be
//! stored at the same time, see [`group_commit`]. Where that is no transaction, an order is written
//! after what finds it: that then points to nothing, until a repeat or for ever, and nobody was
//! told 202.
//!
//! **Slots.** A lane fills its slots in a minute one after the other, so that a reader may stop at
//! the first empty one. After a write that failed, and yet may have been written, the instance
//! takes a new lane: no slot is ever taken twice, and none is left out.
//!
//! **Deleting.** Only due times are ever deleted: a minute with all that is under it, ten minutes
//! after it was over, when all its orders are settled; an hour, a day, a month when nothing is left
//! in it. Orders are filed only under minutes that are not over. So nobody writes any more into
//! what is deleted, unless clocks differ by more than that: an order that is filed there then stays
//! stored, but is not found as due.
//!
//! **No listing.** Nothing here lists keys: on SQLite a listing holds the lock of the whole
//! provider, on all others it reads every key of the application (Spin 4.1).
//!
//! **Reports** are keys of their own, never written into a page: whoever is told of a delivery and
//! whoever is at the order may be two instances, and neither undoes what the other writes.

mod claim;
mod deliveries;
mod due;
mod group_commit;
mod key;
mod lane;
mod listing;
#[cfg(test)]
mod memory;
mod orders;
mod pace;
mod read;
mod record;
mod reference;
mod stored;
mod write;

pub use claim::{CLAIM_SECONDS, ClaimFailure, Claimed, Claims, Contender};
pub use deliveries::{DueMinute, PAGE, Page};
pub(crate) use group_commit::turn;
pub use key::Key;
pub use lane::Lane;
pub use listing::{OrderPage, Selection};
#[cfg(test)]
pub(crate) use memory::{MemoryStore, Provider};
pub use orders::Orders;
pub use pace::{Pace, Stopped};
pub use stored::Unreadable;

/// A key-value store, as hosts have it: each call does what the provider does, right or wrong.
///
/// The calls do not yield: while one runs, nothing else does in this instance. That is what the
/// component's host offers for writes of several keys, and it is what keeps an instance from
/// racing with itself.
pub trait KeyValue: Send + Sync + 'static {
    /// The value under a key.
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError>;

    /// The values of those keys that have one, in no order. On Redis this fails.
    fn get_many(&self, keys: &[Key]) -> Result<Vec<(String, Vec<u8>)>, StoreError>;

    /// Writes all entries, in their order where it is not one transaction.
    fn set_many(&self, entries: Vec<(Key, Vec<u8>)>) -> Result<(), StoreError>;

    /// Deletes all of these keys; one that is not there does no harm.
    fn delete_many(&self, keys: &[Key]) -> Result<(), StoreError>;
}

/// Why the store did not do what it was asked to.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The host's own words; they are for the log alone.
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
