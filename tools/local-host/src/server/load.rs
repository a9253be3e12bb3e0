//! Loads an application and starts its server.

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{net::TcpListener, sync::watch};
use wasmtime_wasi_http::Error;

use super::{
    Options, ServedRoute, Server, StartError, Work, app::App, connections, stats::Stats,
    threads::Threads,
};
use crate::{
    faults::Probe,
    key_value::KeyValue,
    manifest::Manifest,
    network::{HttpClients, Resolver},
    runtime::{FuelLog, PeakMemory, Reuse, Runtime, Shared, Shutdown},
    variables::Variables,
};

/// An application that is ready to be served.
pub(super) struct LoadedApp {
    app: App,
    clients: HttpClients,
    stats: Stats,
    variables: Variables,
    shutdown: Shutdown,
    key_value: Arc<KeyValue>,
    manifest: Manifest,
}

/// Reads, checks, composes and compiles the application. This blocks.
pub(super) fn load(options: &Options) -> Result<LoadedApp, StartError> {
    let manifest = Manifest::read(&options.manifest).map_err(|source| StartError::Manifest {
        path: options.manifest.clone(),
        source: Box::new(source),
    })?;
    let variables = Variables::new(manifest.variables.clone(), options.variables.clone());
    variables.ensure_required()?;
    let probe = Arc::new(Probe::new(options.hook.clone()));
    let resolver = Resolver {
        names: options.names.clone(),
        blocks_private: options.block_private_networks,
    };
    let shared = Shared {
        runtime: Runtime::get(options.fuel).map_err(StartError::Runtime)?,
        key_value: Arc::new(KeyValue::new(
            options.provider,
            &options.storage,
            Arc::clone(&probe),
        )?),
        variables: variables.clone(),
        clients: HttpClients::new(&options.tls_roots, resolver.clone())?,
        resolver,
        look_ups: options.look_ups.clone(),
        fuel: Arc::new(FuelLog::default()),
        memory: Arc::new(PeakMemory::default()),
        probe: Arc::clone(&probe),
        output: options.output.clone(),
        shutdown: Shutdown::default(),
    };
    let reuse = Reuse {
        // Fuel can be attributed to a request only if the instance serves no other.
        concurrent: if options.fuel {
            1
        } else {
            options.reuse.concurrent
        },
        ..options.reuse
    };
    Ok(LoadedApp {
        app: App::load(&manifest, &shared, reuse)?,
        shutdown: shared.shutdown,
        stats: Stats {
            probe,
            fuel: Arc::clone(&shared.fuel),
            memory: Arc::clone(&shared.memory),
        },
        clients: shared.clients,
        key_value: shared.key_value,
        variables,
        manifest,
    })
}

impl LoadedApp {
    /// Starts the server. Call this inside the runtime of `threads`.
    pub(super) fn serve(self, options: &Options, threads: Threads) -> Result<Server, StartError> {
        let (listener, address) = listen(options.listen)?;
        self.clients.served_at(address);
        let (stop, stopped) = watch::channel(false);
        let stats_address = match options.stats {
            Some(address) => Some(self.serve_stats(address, stopped.clone())?),
            None => None,
        };
        let routes = self.routes();
        let app = Arc::new(self.app);
        // Weak, because the application holds the clients.
        let chained = Arc::downgrade(&app);
        self.clients.chained_by(Box::new(move |component, request| {
            let app = chained.upgrade();
            Box::pin(async move {
                let app = app.ok_or(Error::DestinationNotFound)?;
                app.call(component, request).await
            })
        }));
        let service = move |request, client| {
            let app = Arc::clone(&app);
            async move { app.handle(request, client).await }
        };
        let serving = connections::serve(listener, service, stopped, options.grace);
        let connections = tokio::spawn(serving);
        Ok(Server {
            address,
            stats_address,
            routes,
            stats: self.stats,
            variables: self.variables,
            stop,
            connections,
            grace: options.grace,
            work: Work {
                shutdown: self.shutdown,
                key_value: self.key_value,
            },
            threads,
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
