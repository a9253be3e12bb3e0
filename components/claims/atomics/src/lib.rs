//! Decides races by the atomic operations of the key-value store `default`. Exports
//! `email-orders:claims`. Needs `inherit_configuration = ["key_value_stores"]`.
//!
//! No single atomic operation is sound on all of Spin's providers (Spin 4.1). Two methods together
//! cover them:
//!
//! - **increment** on SQLite, Redis and DynamoDB. Each contender adds a number of its own. While
//!   the sum is a multiple of that number, no other contender has added, so this one was first.
//! - **swap** on Azure Cosmos DB, where two concurrent increments of an absent key both return
//!   their own delta. Of two compare-and-swaps that began while the key was absent, only one
//!   succeeds; the key then holds the winner. (On SQLite both succeed, on Redis none does.)
//!
//! **Choice of the method.** The component probes the provider, with keys of its own, and accepts
//! positive evidence only: a number that can be read back as a value, else a second swap that
//! fails. Every other result, errors included, is inconclusive, and nothing is stored. The chosen
//! method is stored under `eo:claims` to spare other instances the probe. It is not trusted: a
//! store may have been copied from another provider, and earlier versions stored a method after an
//! error. Each instance therefore probes the swaps itself, and reads back the first number that it
//! adds to. If that fails, it discards the stored method.
//!
//! **Errors.** A failed call may have had its effect. The component then reads the key to learn who
//! won. If it cannot read the key, the answer is inconclusive.
//!
//! | key | value |
//! |---|---|
//! | `eo:claim:<name>` | the sum of the contenders' numbers, or the winner (8 bytes) |
//! | `eo:sequence:<sequence>` | the last number |
//! | `eo:claims` | `increment` or `swap` |
//! | `eo:probe:<random>` | a probe's key, deleted at once |
//!
//! The component never calls `set` on a number's key, and swaps in 8 bytes only: Spin's SQLite
//! provider panics when it increments a value that does not have 8 bytes (Spin 4.1).

mod claims;
#[cfg(target_family = "wasm")]
mod component;
mod contender;
#[cfg(test)]
mod fake_store;
mod method;
mod number;
mod store;

pub use claims::Claims;
pub use contender::Contender;
pub use store::{KeyValue, StoreError};
