//! Reuses instances for several requests, within the same limits as Spin.
//!
//! An instance serves up to [`Reuse::count`] requests, up to [`Reuse::concurrent`] at a time, and
//! ends when it has been idle for [`Reuse::idle`]. A trap ends all requests of the instance.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use pin_project_lite::pin_project;
use tokio::time::Sleep;
use tokio_util::{sync::WaitForCancellationFutureOwned, task::task_tracker::TaskTrackerToken};
use wasmtime::{Store, StoreContextMut, component::GuestTaskId};
use wasmtime_wasi_http::{
    WasiHttpView,
    handler::{
        HandlerState, Instance, Proxy, ShouldAccept, WorkerExpiration, WorkerState, WorkerStatus,
    },
};

use super::{component::Component, fuel, shutdown::Shutdown, state::State};

/// The limits of the reuse of instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reuse {
    /// The number of requests that an instance serves in all.
    pub count: usize,
    /// The number of requests that an instance serves at a time.
    pub concurrent: usize,
    /// How long an instance waits for another request.
    pub idle: Duration,
    /// The time limit of a request and of the work after its response.
    pub request_timeout: Option<Duration>,
}

impl Default for Reuse {
    fn default() -> Self {
        Self {
            count: 128,
            concurrent: 16,
            idle: Duration::from_secs(1),
            request_timeout: None,
        }
    }
}

/// The instances of one component.
pub(crate) struct Instances {
    component: Arc<Component>,
    reuse: Reuse,
    shutdown: Shutdown,
}

impl Instances {
    pub(crate) fn new(component: Arc<Component>, reuse: Reuse, shutdown: Shutdown) -> Self {
        Self {
            component,
            reuse,
            shutdown,
        }
    }
}

impl HandlerState for Instances {
    type StoreData = State;
    type WorkerExpiration = Expiration;
    type WorkerState = Worker;

    async fn instantiate(&self) -> wasmtime::Result<Instance<State, Expiration, Worker>> {
        let (store, service) = self.component.instantiate().await?;
        Ok(Instance {
            store,
            proxy: Proxy::P3(service),
            view: State::http,
            expiration: Expiration {
                reuse: self.reuse,
                sleep: tokio::time::sleep(Duration::MAX),
                shutdown: self.shutdown.begun(),
            },
            state: Worker {
                reuse: self.reuse,
                shutdown: self.shutdown.clone(),
                _counted: self.shutdown.count_instance(),
            },
        })
    }
}

/// Decides which requests one instance accepts.
pub(crate) struct Worker {
    reuse: Reuse,
    shutdown: Shutdown,
    _counted: TaskTrackerToken,
}

impl WorkerState for Worker {
    type StoreData = State;
    type RequestData = ();

    fn should_accept_request(&self, concurrent: usize, total: usize) -> ShouldAccept {
        if total >= self.reuse.count {
            ShouldAccept::Never
        } else if concurrent >= self.reuse.concurrent {
            ShouldAccept::No
        } else {
            ShouldAccept::Yes
        }
    }

    fn on_request_start(
        &self,
        store: StoreContextMut<'_, State>,
        (): (),
        _: GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + 'static + Send + Sync>> {
        fuel::refill(store);
        let timeout = self.reuse.request_timeout.unwrap_or(Duration::MAX);
        Box::pin(tokio::time::sleep(timeout))
    }

    fn drop(&self, mut store: Store<State>, result: wasmtime::Result<()>) {
        fuel::note(&mut store);
        match result {
            Ok(()) => {}
            // `ProxyHandler` (wasmtime-wasi-http 48) reports an instance that is dropped at work as
            // "worker panicked", which at a shutdown is the end of the grace period.
            Err(error) if self.shutdown.has_begun() => {
                tracing::debug!("an instance was cut off by the shutdown: {error}");
            }
            Err(error) => tracing::error!("an instance failed: {error:?}"),
        }
    }
}

pin_project! {
    /// Ends an instance that has been idle, or at work, for too long, and an idle one at a shutdown.
    pub(crate) struct Expiration {
        reuse: Reuse,
        #[pin]
        sleep: Sleep,
        #[pin]
        shutdown: WaitForCancellationFutureOwned,
    }
}

impl WorkerExpiration for Expiration {
    fn poll(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        status: WorkerStatus,
        since: Instant,
    ) -> Poll<()> {
        let mut this = self.project();
        // Polled in any status, so that the beginning of the shutdown wakes the instance.
        if this.shutdown.poll(context).is_ready() && status == WorkerStatus::Idle {
            return Poll::Ready(());
        }
        let timeout = match status {
            WorkerStatus::Idle => Some(this.reuse.idle),
            WorkerStatus::Requests | WorkerStatus::PostReturn => this.reuse.request_timeout,
        };
        let Some(deadline) = timeout.and_then(|timeout| since.checked_add(timeout)) else {
            return Poll::Pending;
        };
        if this.sleep.deadline() != deadline.into() {
            this.sleep.as_mut().reset(deadline.into());
        }
        this.sleep.poll(context)
    }
}
