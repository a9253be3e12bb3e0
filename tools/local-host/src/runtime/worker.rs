//! Instances that serve several requests, with the limits that Spin has.
//!
//! An instance takes up to [`Reuse::count`] requests, up to
//! [`Reuse::concurrent`] at a time, and ends when it has been idle for
//! [`Reuse::idle`]. A trap ends every request that the instance has.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use pin_project_lite::pin_project;
use tokio::time::Sleep;
use wasmtime::{Store, StoreContextMut, component::GuestTaskId};
use wasmtime_wasi_http::{
    WasiHttpView,
    handler::{
        HandlerState, Instance, Proxy, ShouldAccept, WorkerExpiration, WorkerState, WorkerStatus,
    },
};

use super::{component::Component, fuel, state::State};

/// How instances are reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reuse {
    /// How many requests an instance serves in all.
    pub count: usize,
    /// How many requests an instance serves at a time.
    pub concurrent: usize,
    /// For how long an instance waits for another request.
    pub idle: Duration,
    /// How long a request, and the work behind it, may take, if that is limited.
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
}

impl Instances {
    pub(crate) fn new(component: Arc<Component>, reuse: Reuse) -> Self {
        Self { component, reuse }
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
            },
            state: Worker { reuse: self.reuse },
        })
    }
}

/// Decides what one instance takes on.
pub(crate) struct Worker {
    reuse: Reuse,
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
        if let Err(error) = result {
            tracing::error!("an instance failed: {error:?}");
        }
    }
}

pin_project! {
    /// Ends an instance in time, also while its guest holds it.
    pub(crate) struct Expiration {
        reuse: Reuse,
        #[pin]
        sleep: Sleep,
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
