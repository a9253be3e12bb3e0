//! The host's clock, as a port: nothing else reads the time or waits.

use std::{future::Future, time::Duration};

use crate::timestamp::Timestamp;

/// Tells the time, and waits.
///
/// Tests replace it, so that they need not wait for real time to pass.
pub trait Clock {
    /// Returns the present instant. It may jump: hosts set their clocks.
    fn now(&self) -> Timestamp;

    /// Waits at least this long.
    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send;
}
