//! The host's clocks.

use std::{future::Future, pin::pin, time::Duration};

use futures_util::future::{Either, select};
use send_wrapper::SendWrapper;
use spin_sdk::wasip3::clocks::monotonic_clock::wait_for;

use super::SpinHost;
use crate::{clock::Clock, timestamp::Timestamp};

impl Clock for SpinHost {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn sleep(&self, time: Duration) {
        sleep(time).await;
    }
}

pub(super) async fn sleep(time: Duration) {
    // The component is single-threaded, so the future never moves to another thread.
    let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    SendWrapper::new(wait_for(nanoseconds)).await;
}

/// Returns the output of a future; None if it is not ready in time.
pub(super) async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    match select(pin!(future), pin!(sleep(limit))).await {
        Either::Left((value, _)) => Some(value),
        Either::Right(_) => None,
    }
}
