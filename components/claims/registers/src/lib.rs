//! Decides most races by plain reads and writes of the key-value store `default`, for hosts that
//! have neither atomic operations nor a Redis, like Akamai Functions by itself. It exports
//! `email-orders:claims`, and needs `inherit_configuration = ["key_value_stores"]`.
//!
//! A contender that finds a name free writes itself there, waits for [`SETTLE`], and wins if it
//! then still reads itself (Fischer's algorithm). That is sound as long as a write that began when
//! the name was free is seen by all within that time. No store promises that, least of all one that
//! is replicated across regions. So this is what becomes "usually", all of it only where two
//! instances act within the time that a write takes to be seen everywhere:
//!
//! - **Two different bodies under one Idempotency-Key at once.** Usually one is stored, and the
//!   other is answered 409 or 422. Else both are answered 202 with the same order id, and the one
//!   that is written last is the order.
//! - **Two triggers at once.** Usually an order is attempted by one of them. Else both attempt it,
//!   and its emails are sent twice, with the same notification ids.
//! - **Sequences.** Usually no number is given twice.
//!
//! The rest does not depend on claims: the same request under one Idempotency-Key gives one order,
//! an accepted order is never lost, and its emails are sent at least once. An order can be cancelled
//! up to five minutes before it is sent; so these two do not meet unless a write takes that long.
//!
//! | key | value |
//! |---|---|
//! | `eo:register:claim:<name>` | the contender that wrote last |
//! | `eo:register:sequence:<sequence>` | the last number, and who took it |
//!
//! The keys are not those of the atomic operations, so that these never meet a text that they would
//! take for a number.

mod claims;
#[cfg(target_family = "wasm")]
mod component;
mod registers;

pub use claims::{claim, next};
pub use registers::{Registers, SETTLE, StoreError};
