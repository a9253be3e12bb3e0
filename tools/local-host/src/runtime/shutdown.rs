//! Ends the instances of a server that shuts down.

use tokio_util::{
    sync::{CancellationToken, WaitForCancellationFutureOwned},
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};

/// The shutdown of one server, before and after it has begun.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shutdown {
    begun: CancellationToken,
    instances: TaskTracker,
}

impl Shutdown {
    /// Begins the shutdown: idle instances end now, others once they are idle.
    pub(crate) fn begin(&self) {
        self.begun.cancel();
        self.instances.close();
    }

    /// Returns whether the shutdown has begun. Work that is then cut off is not an error.
    pub(crate) fn has_begun(&self) -> bool {
        self.begun.is_cancelled()
    }

    /// Waits until the shutdown has begun and all instances have ended.
    pub(crate) async fn instances_ended(&self) {
        self.instances.wait().await;
    }

    /// Waits until the shutdown has begun.
    pub(super) fn begun(&self) -> WaitForCancellationFutureOwned {
        self.begun.clone().cancelled_owned()
    }

    /// Counts an instance, which ends when it drops the token.
    pub(super) fn count_instance(&self) -> TaskTrackerToken {
        self.instances.token()
    }
}
