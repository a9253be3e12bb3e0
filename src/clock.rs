//! The host's clock, as a port. No other code reads the time or waits, except for the time of log
//! lines.

use std::{future::Future, time::Duration};

use crate::timestamp::Timestamp;

/// The most that the clocks of two hosts may differ by.
pub const SKEW_SECONDS: i64 = 30;

/// Tells the time and waits. Tests replace it, so that no test waits for real time to pass.
pub trait Clock {
    /// Returns the present instant. It may jump, because hosts set their clocks.
    fn now(&self) -> Timestamp;

    /// Waits at least this long.
    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send;
}
