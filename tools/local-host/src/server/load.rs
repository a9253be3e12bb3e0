//! From options to a running server.

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{net::TcpListener, sync::watch};
use wasmtime_wasi_http::Error;

use super::{
    OpenCalls, Options, ServedRoute, Server, StartError, app::App, connections, stats::Stats,
    workers::Workers,
};
use crate::{
    faults::Probe,
    key_value::KeyValue,
    manifest::Manifest,
    network::{HttpClients, Resolver, TlsRoots},
    runtime::{FuelLog, PeakMemory, Reuse, Runtime, Shared},
    variables::Variables,
};

/// An application, ready to be served.
pub(super) struct Loaded {
    app: App,
    clients: HttpClients,
    stats: Stats,
    variables: Variables,
    key_value: Arc<KeyValue>,
    manifest: Manifest,
}

/// Reads, checks, composes, compiles: everything that blocks.
pub(super) fn load(options: &Options) -> Result<Loaded, StartError> {
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
        clients: HttpClients::new(
            TlsRoots {
                files: options.tls_roots.clone(),
            },
            resolver.clone(),
        ),
        resolver,
        look_ups: options.look_ups.clone(),
        fuel: Arc::new(FuelLog::default()),
        memory: Arc::new(PeakMemory::default()),
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
            memory: Arc::clone(&shared.memory),
        },
        clients: shared.clients,
        key_value: shared.key_value,
        variables,
        manifest,
    })
}

impl Loaded {
    /// Must be called inside the runtime.
    pub(super) fn serve(self, options: &Options, workers: Workers) -> Result<Server, StartError> {
        let (listener, address) = listen(options.listen)?;
        self.clients.served_at(address);
        let (stop, stopped) = watch::channel(false);
        let stats_address = match options.stats {
            Some(address) => Some(self.serve_stats(address, stopped.clone())?),
            None => None,
        };
        let routes = self.routes();
        let app = Arc::new(self.app);
        // Weak, since the application holds the clients.
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
            calls: OpenCalls(self.key_value),
            workers,
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
