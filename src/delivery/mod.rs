//! Accepted orders become emails: due, claimed, sent, settled.
//!
//! **At least once, and hardly ever twice.** An attempt at an order is claimed, and stored before
//! the sender is called; what came of it is stored after. So a crash loses nothing: an attempt that
//! does not come to its end is taken up by another when its lease is over, with the same
//! notification ids. Nothing is sent again whose result is stored.
//!
//! **Exactly one.** Cancelling and the first attempt claim the same name, later attempts one each
//! (see [`crate::store`]). An attempt that does not know whether it has won leaves the order to a
//! later one. The first attempt at an order that is due at once belongs to the instance that stores
//! it: that is stored with the order. An attempt that has overrun its lease writes nothing more.
//!
//! **Retries.** Only what may work is tried again, with growing, jittered pauses, until 48 hours
//! after the send time. A rate limit holds back everything that goes through the sender.
//!
//! - [`Ports`]: what delivery asks of the world, so that all of this is tested without one;
//! - [`DeliveryContext`]: one attempt at one order;
//! - [`trigger`]: all that is due, in bounded batches and time;
//! - [`report`]: what others tell of deliveries.

mod attempt;
mod condition;
mod generate;
mod keywords;
mod ports;
pub mod report;
mod retry;
#[cfg(test)]
mod tests;
pub mod trigger;

pub use attempt::{AttemptResult, DeliveryContext, InitialLease};
pub use condition::{NameLookUpError, require_public_addresses};
pub use ports::{ContactsError, Email, Ports, Progress, Receipt, SendFailure};
