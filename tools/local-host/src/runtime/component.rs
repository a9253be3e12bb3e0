//! Loads a component and instantiates it.

use std::{collections::BTreeMap, sync::Arc};

use wasmtime::Store;
use wasmtime_wasi::{ResourceTable, WasiCtx};
use wasmtime_wasi_http::{
    WasiHttpCtx,
    p3::bindings::{Service, ServicePre},
};

use super::{
    engine::Runtime,
    fuel::{FuelGauge, FuelLog},
    memory::{MemoryGauge, PeakMemory},
    shutdown::Shutdown,
    state::State,
    stdio::{Output, Stream},
};
use crate::{
    compose::{self, ComposeError},
    faults::Probe,
    key_value::{Handles, KeyValue},
    manifest,
    network::{HttpClients, LookUps, OutboundHttp, OutboundRedis, Policy, Resolver},
    variables::{ComponentVariables, Template, Variables},
};

/// Why a component cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file is missing, or a dependency does not fit.
    #[error(transparent)]
    Compose(#[from] ComposeError),
    /// The file is not a valid component, imports an interface that this host does not offer, or
    /// does not export `wasi:http/handler@0.3.0`.
    #[error("{0:#}")]
    Component(wasmtime::Error),
    /// The component's log files cannot be opened.
    #[error("cannot open its log files: {0}")]
    Logs(std::io::Error),
}

impl From<wasmtime::Error> for LoadError {
    fn from(error: wasmtime::Error) -> Self {
        Self::Component(error)
    }
}

/// State that all components of an application share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) key_value: Arc<KeyValue>,
    pub(crate) variables: Variables,
    pub(crate) clients: HttpClients,
    pub(crate) resolver: Resolver,
    pub(crate) look_ups: LookUps,
    pub(crate) probe: Arc<Probe>,
    pub(crate) fuel: Arc<FuelLog>,
    pub(crate) memory: Arc<PeakMemory>,
    pub(crate) output: Output,
    pub(crate) shutdown: Shutdown,
}

/// A compiled and linked component, with the configuration of its instances.
pub(crate) struct Component {
    shared: Shared,
    id: Arc<str>,
    service: ServicePre<State>,
    environment: BTreeMap<String, String>,
    templates: Arc<BTreeMap<crate::variables::Name, Template>>,
    allowed_hosts: Arc<[Template]>,
    stores: Arc<[String]>,
    stdout: Stream,
    stderr: Stream,
}

impl Component {
    pub(crate) fn load(
        id: &manifest::ComponentId,
        written: &manifest::Component,
        shared: &Shared,
    ) -> Result<Self, LoadError> {
        let bytes = compose::load(id, written)?;
        let component = shared.runtime.compile(&bytes)?;
        let instance = shared.runtime.linker().instantiate_pre(&component)?;
        let stream = |name| Stream::new(&shared.output, id.as_str(), name).map_err(LoadError::Logs);
        Ok(Self {
            shared: shared.clone(),
            id: id.as_str().into(),
            service: ServicePre::new(instance)?,
            environment: written.environment.clone(),
            templates: Arc::new(written.variables.clone()),
            allowed_hosts: written.allowed_outbound_hosts.clone().into(),
            stores: written.key_value_stores.clone().into(),
            stdout: stream("stdout")?,
            stderr: stream("stderr")?,
        })
    }

    /// Creates an instance in a store of its own.
    pub(crate) async fn instantiate(&self) -> wasmtime::Result<(Store<State>, Service)> {
        let runtime = &self.shared.runtime;
        let mut store = Store::new(runtime.engine(), self.state());
        // Epochs never advance: as on Spin, guests may run for any time.
        store.set_epoch_deadline(u64::MAX / 2);
        store.limiter(|state| &mut state.memory);
        if runtime.counts_fuel() {
            store.set_fuel(u64::MAX)?;
        }
        let service = self.service.instantiate_async(&mut store).await?;
        Ok((store, service))
    }

    fn state(&self) -> State {
        let shared = &self.shared;
        let policy = Policy::new(
            Arc::clone(&self.allowed_hosts),
            shared.variables.clone(),
            shared.resolver.blocks_private,
        );
        State {
            key_value: Handles::new(
                Arc::clone(&shared.key_value),
                Arc::clone(&self.id),
                Arc::clone(&self.stores),
            ),
            variables: ComponentVariables {
                component: Arc::clone(&self.id),
                templates: Arc::clone(&self.templates),
                variables: shared.variables.clone(),
                probe: Arc::clone(&shared.probe),
            },
            fuel: shared
                .runtime
                .counts_fuel()
                .then(|| FuelGauge::new(&shared.fuel)),
            memory: MemoryGauge::new(&shared.memory),
            wasi: self.wasi(&policy),
            http: WasiHttpCtx::new(),
            redis: OutboundRedis {
                policy: policy.clone(),
                resolver: shared.resolver.clone(),
                component: Arc::clone(&self.id),
                probe: Arc::clone(&shared.probe),
            },
            outbound: OutboundHttp {
                clients: shared.clients.clone(),
                policy,
                component: Arc::clone(&self.id),
                probe: Arc::clone(&shared.probe),
            },
            look_ups: shared.look_ups.clone(),
            table: ResourceTable::new(),
        }
    }

    fn wasi(&self, policy: &Policy) -> WasiCtx {
        let mut wasi = WasiCtx::builder();
        for (name, value) in &self.environment {
            wasi.env(name, value);
        }
        let policy = policy.clone();
        wasi.stdout(self.stdout.clone())
            .stderr(self.stderr.clone())
            .allow_tcp(true)
            .allow_udp(true)
            .socket_addr_check(move |address, purpose| {
                let allowed = policy.allows_socket(address, purpose);
                Box::pin(async move { allowed })
            })
            .build()
    }
}
