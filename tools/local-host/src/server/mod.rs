//! Serves an application until it is shut down.

mod app;
mod connections;
mod error;
mod headers;
mod load;
mod options;
mod routes;
mod stats;
mod threads;

use std::{net::SocketAddr, sync::Arc, time::Duration};

pub use error::StartError;
pub use options::Options;
pub use routes::InvalidRoute;
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, timeout_at},
};

use stats::Stats;
use threads::Threads;

use crate::{
    calls::CallCounts,
    key_value::KeyValue,
    manifest::ComponentId,
    runtime::{RequestFuel, Shutdown},
    variables::Variables,
};

/// A route of a running server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServedRoute {
    /// The component that serves the route.
    pub component: ComponentId,
    /// The path.
    pub path: String,
    /// Whether longer paths match, too.
    pub wildcard: bool,
    /// The component's description in the manifest, possibly empty.
    pub description: String,
}

/// A running server. Dropping it ends it at once, as [`Server::kill`] does.
pub struct Server {
    address: SocketAddr,
    stats_address: Option<SocketAddr>,
    routes: Vec<ServedRoute>,
    stats: Stats,
    variables: Variables,
    stop: watch::Sender<bool>,
    connections: JoinHandle<()>,
    grace: Duration,
    // Dropped before the threads, so that these have nothing to do when they end.
    work: Work,
    threads: Threads,
}

/// Everything that components are doing. Dropping it ends it.
struct Work {
    shutdown: Shutdown,
    key_value: Arc<KeyValue>,
}

impl Drop for Work {
    fn drop(&mut self) {
        self.shutdown.begin();
        // On SQLite some calls may wait for ever.
        self.key_value.close();
    }
}

/// Starts a server, which accepts requests when this returns.
pub async fn start(options: Options) -> Result<Server, StartError> {
    let threads = Threads::new().map_err(|error| StartError::Runtime(error.into()))?;
    let handle = threads.handle();
    // Compiling takes seconds, and must not block the caller's tasks.
    let loading = handle.spawn_blocking(move || load::load(&options).map(|app| (app, options)));
    let (app, options) = loading
        .await
        .map_err(|panic| StartError::Runtime(panic.into()))??;
    let _inside = handle.enter();
    app.serve(&options, threads)
}

impl Server {
    /// Returns the address of the application.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Returns the address of the statistics, if they are served.
    #[must_use]
    pub fn stats_addr(&self) -> Option<SocketAddr> {
        self.stats_address
    }

    /// Returns the routes.
    #[must_use]
    pub fn routes(&self) -> &[ServedRoute] {
        &self.routes
    }

    /// Returns the calls to the host since the start or the last reset.
    #[must_use]
    pub fn calls(&self) -> CallCounts {
        self.stats.probe.counts()
    }

    /// Returns the fuel of the requests that are known to have ended. An instance's request is known
    /// to have ended when its next one begins or the instance ends.
    #[must_use]
    pub fn fuel(&self) -> Vec<RequestFuel> {
        self.stats.fuel.requests()
    }

    /// Returns the peak of the linear memory of one instance since the start, in bytes. It is the
    /// sum of all memories of a composed component.
    #[must_use]
    pub fn peak_memory(&self) -> usize {
        self.stats.memory.bytes()
    }

    /// Resets the calls and the fuel.
    pub fn reset_stats(&self) {
        self.stats.reset();
    }

    /// Sets a variable, as a provider of variables may at any time.
    pub fn set_variable(&self, name: &str, value: &str) {
        self.variables.set(name, value);
    }

    /// Accepts no more connections, waits until the requests in flight and the work after their
    /// responses have ended, but no longer than [`Options::grace`], and ends.
    pub async fn shutdown(self) {
        let deadline = Instant::now() + self.grace;
        // It fails only if the connections have ended.
        _ = self.stop.send(true);
        _ = self.connections.await;
        self.work.shutdown.begin();
        let ended = timeout_at(deadline, self.work.shutdown.instances_ended()).await;
        if ended.is_err() {
            tracing::warn!("work was cut off after {:?}", self.grace);
        }
        drop(self.work);
        self.threads.end().await;
    }

    /// Ends at once. Work of a component is cut off; what it has stored stays.
    pub async fn kill(self) {
        drop(self.work);
        self.threads.end().await;
    }
}
