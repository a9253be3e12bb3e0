//! Delivery of accepted orders: find due orders, claim, send, settle.
//!
//! **At least once, and rarely twice.** An attempt claims its order and stores this before it calls
//! the sender; it stores the results afterwards. A crash loses nothing: when the lease of a crashed
//! attempt is over, another attempt continues, with the same notification ids. A notification with
//! a stored result is not sent again.
//!
//! **Exclusive.** Cancelling an order and its first attempt claim the same name; each later attempt
//! claims a name of its own (see [`crate::store`]). An attempt with an inconclusive claim leaves the
//! order to a later one. The instance that stores an order that is due at once stores the lease of
//! the first attempt with it. An attempt writes nothing after the end of its lease.
//!
//! **Retries.** Only failures that a retry may resolve are retried: with exponential backoff and
//! jitter, until `give_up_hours` after the send time.
//!
//! **Paced.** Every email of an instance passes one [`SendGate`], which keeps to the configured rate
//! and to the rate that the provider takes. A rate limit pauses all emails of the sender. Instances
//! share the limits that they meet through the store, and nothing else: the configured rate and the
//! number of emails in flight are of one instance.
//!
//! - [`Ports`]: what delivery needs from the host, so that tests can replace it;
//! - [`DeliveryContext`]: one attempt at one order;
//! - [`trigger`]: a run that delivers due orders, bounded in number and time;
//! - [`report`]: delivery reports of providers.

mod attempt;
mod condition;
mod gate;
mod generate;
mod keywords;
mod ports;
mod rate;
pub mod report;
mod retry;
#[cfg(test)]
mod tests;
pub mod trigger;

pub use attempt::await_send_time;
pub use attempt::{AttemptError, AttemptResult, DeliveryContext, InitialLease, Redelivery};
pub use condition::{NameLookUpError, require_public_addresses};
pub use gate::SendGate;
pub use ports::{ContactsError, Email, Ports, Progress, Receipt, SendFailure};
