//! Decides most races by plain reads and writes of the key-value store `default`, for hosts that
//! have neither atomic operations nor a Redis, such as Akamai Functions. Exports
//! `email-orders:claims`. Needs `inherit_configuration = ["key_value_stores"]`.
//!
//! A contender that finds a name free writes itself there, waits for [`VISIBILITY_DELAY`], and wins
//! if it then still reads itself (Fischer's algorithm). This is sound as long as every write
//! becomes visible to all instances within that delay. No store promises that, least of all a store
//! that is replicated across regions. The following guarantees therefore hold only usually. They
//! fail only if two instances act within the time that a write takes to become visible everywhere:
//!
//! - **Two different bodies under one Idempotency-Key at once.** Usually one is stored, and the
//!   other is answered 409 or 422. Otherwise both are answered 202 with the same order id, and the
//!   last write is the order.
//! - **Two triggers at once.** Usually one of them attempts an order. Otherwise both attempt it,
//!   and its emails are sent twice, with the same notification ids.
//!
//! There are no sequences: the next number is always inconclusive, and the order component takes random
//! names in place of numbers.
//!
//! Everything else does not depend on claims: repeats of a request under one Idempotency-Key give
//! one order, an accepted order is never lost, and its emails are sent at least once. An order can
//! be cancelled up to five minutes before it is sent, so cancelling and sending race only if a
//! write takes that long to become visible.
//!
//! | key | value |
//! |---|---|
//! | `eo:register:claim:<name>` | the contender that wrote last |
//!
//! The keys differ from those of `claims-atomics`, so that its atomic operations never meet a text
//! in place of a number.

mod claims;
#[cfg(target_family = "wasm")]
mod component;
mod registers;

pub use claims::claim;
pub use registers::{Registers, StoreError, VISIBILITY_DELAY};
