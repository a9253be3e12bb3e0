//! The server: an application, served until it is shut down.

mod app;
mod connections;
mod error;
mod headers;
mod load;
mod options;
mod routes;
mod stats;
mod workers;

use std::{net::SocketAddr, sync::Arc};

pub use error::StartError;
pub use options::Options;
pub use routes::InvalidRoute;
use tokio::{sync::watch, task::JoinHandle};

use stats::Stats;
use workers::Workers;

use crate::{
    calls::CallCounts, key_value::KeyValue, manifest::ComponentId, runtime::RequestFuel,
    variables::Variables,
};

/// A route of a running server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServedRoute {
    /// The component behind it.
    pub component: ComponentId,
    /// Its path.
    pub path: String,
    /// Whether more may follow its path.
    pub wildcard: bool,
    /// What the manifest says of the component, maybe nothing.
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
    calls: OpenCalls,
    workers: Workers,
}

/// Calls of the key-value store, which end when this is dropped: on SQLite some
/// may wait for ever.
struct OpenCalls(Arc<KeyValue>);

impl Drop for OpenCalls {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Starts a server, which is ready for requests when this is.
pub async fn start(options: Options) -> Result<Server, StartError> {
    let workers = Workers::new().map_err(|error| StartError::Runtime(error.into()))?;
    let handle = workers.handle();
    // Compiling takes its time and must not keep the caller's tasks waiting.
    let loading = handle.spawn_blocking(move || load::load(&options).map(|app| (app, options)));
    let (app, options) = loading
        .await
        .map_err(|panic| StartError::Runtime(panic.into()))??;
    let _inside = handle.enter();
    app.serve(&options, workers)
}

impl Server {
    /// Where the application is served.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Where what is counted is served, if anywhere.
    #[must_use]
    pub fn stats_addr(&self) -> Option<SocketAddr> {
        self.stats_address
    }

    /// What is served.
    #[must_use]
    pub fn routes(&self) -> &[ServedRoute] {
        &self.routes
    }

    /// The calls to the host so far, or since the last reset.
    #[must_use]
    pub fn calls(&self) -> CallCounts {
        self.stats.probe.counts()
    }

    /// The fuel of the requests that are known to have ended: of an instance's
    /// last request when it takes another or ends.
    #[must_use]
    pub fn fuel(&self) -> Vec<RequestFuel> {
        self.stats.fuel.requests()
    }

    /// The most linear memory that one instance has had since the start, in
    /// bytes, all of a composed component's memories together.
    #[must_use]
    pub fn peak_memory(&self) -> usize {
        self.stats.memory.bytes()
    }

    /// Forgets the calls and the fuel so far.
    pub fn reset_stats(&self) {
        self.stats.reset();
    }

    /// Gives a variable another value, as a provider of variables might.
    pub fn set_variable(&self, name: &str, value: &str) {
        self.variables.set(name, value);
    }

    /// Accepts no more connections, lets the requests in flight end (as long as
    /// [`Options::grace`]), and ends.
    pub async fn shutdown(self) {
        // The other end lives as long as the task that is waited for.
        _ = self.stop.send(true);
        _ = self.connections.await;
        drop(self.calls);
        self.workers.end().await;
    }

    /// Ends at once, whatever is going on: what a component was doing is never
    /// done, what it has stored stays.
    pub async fn kill(self) {
        drop(self.calls);
        self.workers.end().await;
    }
}
