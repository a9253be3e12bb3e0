//! The threads of one server. They are its own, so that it can be ended with everything that it is
//! doing, and may block wherever Spin's host calls do.

use std::{io, time::Duration};

use tokio::runtime::{Builder, Handle, Runtime};

/// How long the threads may take to finish what cannot be interrupted.
const LIMIT: Duration = Duration::from_secs(10);

/// Threads that end when this is dropped.
pub(super) struct Threads {
    handle: Handle,
    runtime: Option<Runtime>,
}

impl Threads {
    pub(super) fn new() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .enable_all()
            .thread_name("local-host")
            .build()?;
        Ok(Self {
            handle: runtime.handle().clone(),
            runtime: Some(runtime),
        })
    }

    /// Returns the handle that starts tasks on the threads.
    pub(super) fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Ends the threads, and returns when none is running any more.
    pub(super) async fn end(mut self) {
        if let Some(runtime) = self.runtime.take() {
            let end = move || runtime.shutdown_timeout(LIMIT);
            // It fails only if the caller's runtime is ending, too.
            _ = tokio::task::spawn_blocking(end).await;
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        // Dropping a runtime blocks, which is forbidden in a task, where the caller may be.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
