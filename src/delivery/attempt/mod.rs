//! One attempt at delivering one order.

mod condition_check;
mod context;
mod error;
mod initial_lease;
mod leased_order;
mod log;
mod page;
mod redeliver;
mod result;
mod send;

pub(super) use self::error::During;
pub use self::{
    context::{DeliveryContext, await_send_time},
    error::AttemptError,
    initial_lease::InitialLease,
    redeliver::Redelivery,
    result::AttemptResult,
};
