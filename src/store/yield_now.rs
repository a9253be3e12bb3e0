//! Yielding to the other requests of an instance.

use std::{future::poll_fn, task::Poll};

/// Yields once, so that every other task that is ready runs before this one goes on.
pub(crate) async fn yield_now() {
    let mut yielded = false;
    poll_fn(|context| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
