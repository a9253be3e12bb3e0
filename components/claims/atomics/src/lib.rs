//! Decides races by the atomic operations of the key-value store `default`. It exports
//! `email-orders:claims`, and needs `inherit_configuration = ["key_value_stores"]`.
//!
//! No atomic operation means the same on all of Spin's providers (4.1). Two methods together cover
//! them:
//!
//! - **increment** on SQLite, Redis and DynamoDB. Each contender adds a number of its own. While
//!   the sum is a multiple of that number, no other one has added, so this one was first.
//! - **swap** on Azure Cosmos DB, where two increments of an absent key both give their own delta.
//!   Of two compare-and-swaps that began while the key was absent, only one succeeds; the key then
//!   holds the winner. (On SQLite both succeed, on Redis none does.)
//!
//! **Finding the method.** The component looks for positive evidence, on keys of its own: a number
//! that can be read back as a value, else a second swap that fails. Every other outcome, an error
//! above all, is inconclusive, and nothing is stored. The finding is stored under `eo:claims`, but
//! never simply believed, because a store may have been copied from another provider, and because
//! earlier versions stored a finding after an error: each instance tries the swaps itself, and
//! reads the first number back that it adds to. If that fails, it discards the finding.
//!
//! **Errors.** A call that fails may have had its effect. What the key then holds decides; if that
//! cannot be read, the answer is inconclusive.
//!
//! | key | value |
//! |---|---|
//! | `eo:claim:<name>` | the sum of the contenders, or the winner (8 bytes) |
//! | `eo:sequence:<sequence>` | the last number |
//! | `eo:claims` | `increment` or `swap` |
//! | `eo:probe:<random>` | a trial, deleted at once |
//!
//! Keys of numbers are never `set`: Spin's SQLite provider panics when it increments a value that
//! has not 8 bytes. For that reason a swap writes 8 bytes, too.

mod claims;
#[cfg(target_family = "wasm")]
mod component;
mod contender;
#[cfg(test)]
mod memory;
mod method;
mod number;
mod store;

pub use claims::Claims;
pub use contender::Contender;
pub use store::{KeyValue, StoreError};
