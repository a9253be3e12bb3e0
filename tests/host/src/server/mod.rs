//! The server: an application, served until it is shut down.

mod app;
mod connections;
mod headers;
mod options;
mod routes;
mod stats;

use std::{convert::Infallible, io, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

pub use options::Options;
pub use routes::InvalidRoute;
use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
    sync::watch,
    task::JoinHandle,
};

use app::{App, AppError};
use stats::Stats;

use crate::{
    calls::CallCounts,
    faults::Probe,
    key_value::{KeyValue, OpenError},
    manifest::{ComponentId, Manifest, ManifestError},
    network::{HttpClients, TlsRoots},
    runtime::{FuelLog, LoadError, RequestFuel, Reuse, Runtime as Wasm, Shared},
    variables::{VariableError, Variables},
};

/// Why a server cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The manifest cannot be run.
    #[error("{}: {source}", .path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// Why.
        source: Box<ManifestError>,
    },
    /// A required variable has no value.
    #[error(transparent)]
    Variable(#[from] VariableError),
    /// The storage cannot be opened.
    #[error(transparent)]
    Storage(#[from] OpenError),
    /// A component cannot be loaded.
    #[error("component `{component}`: {source}")]
    Component {
        /// The component.
        component: ComponentId,
        /// Why.
        source: LoadError,
    },
    /// A route cannot be read.
    #[error(transparent)]
    Route(#[from] InvalidRoute),
    /// The address is in use.
    #[error("{0} is already in use")]
    AddressInUse(SocketAddr),
    /// Nothing can listen on the address.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// What is counted would be served to others.
    #[error("{0} is not a loopback address")]
    NotLoopback(SocketAddr),
    /// The machine does not give what running components takes.
    #[error("cannot set up the runtime: {0:#}")]
    Runtime(wasmtime::Error),
}

impl From<AppError> for StartError {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Component(component, source) => Self::Component { component, source },
            AppError::Route(error) => Self::Route(error),
        }
    }
}

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
    // Its own, so that a server can be ended with all that it is doing.
    runtime: Option<Runtime>,
}

/// Starts a server, which is ready for requests when this is.
pub async fn start(options: Options) -> Result<Server, StartError> {
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .thread_name("local-host")
        .build()
        .map_err(|error| StartError::Runtime(error.into()))?;
    let handle = runtime.handle().clone();
    // Compiling takes its time and must not keep the caller's tasks waiting.
    let loaded = handle.spawn_blocking(move || load(&options).map(|loaded| (loaded, options)));
    let loaded = loaded
        .await
        .unwrap_or_else(|panic| Err(StartError::Runtime(panic.into())));
    match loaded {
        Ok((loaded, options)) => {
            let _inside = handle.enter();
            loaded.serve(&options, runtime)
        }
        Err(error) => {
            // A runtime must not be dropped among tasks.
            runtime.shutdown_background();
            Err(error)
        }
    }
}

struct Loaded {
    app: App,
    clients: HttpClients,
    stats: Stats,
    variables: Variables,
    manifest: Manifest,
}

fn load(options: &Options) -> Result<Loaded, StartError> {
    let manifest = Manifest::read(&options.manifest).map_err(|source| StartError::Manifest {
        path: options.manifest.clone(),
        source: Box::new(source),
    })?;
    let variables = Variables::new(manifest.variables.clone(), options.variables.clone());
    variables.ensure_required()?;
    let probe = Arc::new(Probe::new(options.hook.clone()));
    let shared = Shared {
        runtime: Wasm::get(options.fuel).map_err(StartError::Runtime)?,
        key_value: Arc::new(KeyValue::new(
            options.provider,
            &options.storage,
            Arc::clone(&probe),
        )?),
        variables: variables.clone(),
        clients: HttpClients::new(TlsRoots {
            files: options.tls_roots.clone(),
        }),
        fuel: Arc::new(FuelLog::default()),
        probe: Arc::clone(&probe),
        output: options.output.clone(),
    };
    let reuse = Reuse {
        // Fuel is a request's own only if no other is served meanwhile.
        concurrent: if options.fuel {
            1
        } else {
            options.reuse.concurrent
        },
        ..options.reuse
    };
    Ok(Loaded {
        app: App::load(&manifest, &shared, reuse)?,
        stats: Stats {
            probe,
            fuel: Arc::clone(&shared.fuel),
        },
        clients: shared.clients,
        variables,
        manifest,
    })
}

impl Loaded {
    /// Must be called inside the runtime.
    fn serve(self, options: &Options, runtime: Runtime) -> Result<Server, StartError> {
        let (listener, address) = listen(options.listen)?;
        self.clients.served_at(address);
        let (stop, stopped) = watch::channel(false);
        let stats_address = match options.stats {
            Some(address) => Some(self.serve_stats(address, stopped.clone())?),
            None => None,
        };
        let routes = self.routes();
        let app = Arc::new(self.app);
        let service = move |request, client| {
            let app = Arc::clone(&app);
            async move { app.handle(request, client).await }
        };
        let connections = runtime.spawn(connections::serve(
            listener,
            service,
            stopped,
            options.grace,
        ));
        Ok(Server {
            address,
            stats_address,
            routes,
            stats: self.stats,
            variables: self.variables,
            stop,
            connections,
            runtime: Some(runtime),
        })
    }

    fn serve_stats(
        &self,
        address: SocketAddr,
        stopped: watch::Receiver<bool>,
    ) -> Result<SocketAddr, StartError> {
        if !address.ip().is_loopback() {
            return Err(StartError::NotLoopback(address));
        }
        let (listener, address) = listen(address)?;
        let stats = self.stats.clone();
        let service = move |request, _| {
            let answer = stats.answer(&request);
            async move { Ok::<_, Infallible>(answer) }
        };
        tokio::spawn(connections::serve(
            listener,
            service,
            stopped,
            Duration::ZERO,
        ));
        Ok(address)
    }

    fn routes(&self) -> Vec<ServedRoute> {
        let describe = |id| self.manifest.components.get(id);
        self.app
            .routes()
            .iter()
            .map(|(path, wildcard, component)| ServedRoute {
                component: component.clone(),
                path: path.to_owned(),
                wildcard,
                description: describe(component)
                    .map(|component| component.description.clone())
                    .unwrap_or_default(),
            })
            .collect()
    }
}

fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let bind = || {
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let bound = listener.local_addr()?;
        Ok((TcpListener::from_std(listener)?, bound))
    };
    bind().map_err(|source: io::Error| match source.kind() {
        io::ErrorKind::AddrInUse => StartError::AddressInUse(address),
        _ => StartError::Listen { address, source },
    })
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
    pub async fn shutdown(mut self) {
        // The other end lives as long as the task that is waited for.
        _ = self.stop.send(true);
        _ = (&mut self.connections).await;
        self.end().await;
    }

    /// Ends at once, whatever is going on: what a component was doing is never
    /// done, what it has stored stays.
    pub async fn kill(mut self) {
        self.end().await;
    }

    /// Returns when nothing of the server is running any more.
    async fn end(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            let ending = move || runtime.shutdown_timeout(Duration::from_secs(10));
            // It fails only if the caller's runtime is ending, too.
            _ = tokio::task::spawn_blocking(ending).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
