//! The threads of one server: its own, so that it can be ended with all that
//! it is doing, and may block wherever its host calls do.

use std::{io, time::Duration};

use tokio::runtime::{Builder, Handle, Runtime};

/// How long a thread may take to get to the end of what it cannot interrupt.
const PATIENCE: Duration = Duration::from_secs(10);

/// Threads that end when this is dropped.
pub(super) struct Workers {
    handle: Handle,
    runtime: Option<Runtime>,
}

impl Workers {
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

    /// Where to start tasks.
    pub(super) fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Ends, and returns when nothing is running any more.
    pub(super) async fn end(mut self) {
        if let Some(runtime) = self.runtime.take() {
            let end = move || runtime.shutdown_timeout(PATIENCE);
            // It fails only if the caller's runtime is ending, too.
            _ = tokio::task::spawn_blocking(end).await;
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        // A runtime cannot be dropped among tasks, as its caller is one.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
