//! The engines of this process, and the components compiled for them.
//!
//! There are two engines, one that counts fuel and one that does not, each created at its first use.
//! An engine compiles a component once. If the program is in a build directory, wasmtime caches the
//! compiled code there, by content and by wasmtime's version, so that other processes need not
//! compile it.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use sha2::{Digest, Sha256};
use wasmtime::{
    Cache, CacheConfig, Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig,
    component::{Component, Linker},
};

use super::state::State;
#[cfg(not(test))]
use crate::network::offer_look_ups;

/// The limit of instances at a time, as on Spin.
pub(crate) const MAX_INSTANCES: u32 = 1000;

pub(crate) struct Runtime {
    engine: Engine,
    linker: Linker<State>,
    compiled: Mutex<HashMap<[u8; 32], Component>>,
    fuel: bool,
}

impl Runtime {
    /// Returns the runtime of this process.
    pub(crate) fn get(fuel: bool) -> wasmtime::Result<Arc<Self>> {
        static RUNTIMES: [OnceLock<Arc<Runtime>>; 2] = [const { OnceLock::new() }; 2];
        let cell = &RUNTIMES[usize::from(fuel)];
        if let Some(runtime) = cell.get() {
            return Ok(Arc::clone(runtime));
        }
        let runtime = Arc::new(Self::new(fuel)?);
        // If two threads race, one runtime is dropped.
        Ok(Arc::clone(cell.get_or_init(|| runtime)))
    }

    fn new(fuel: bool) -> wasmtime::Result<Self> {
        let engine = engine(fuel)?;
        Ok(Self {
            linker: link(&engine)?,
            engine,
            compiled: Mutex::default(),
            fuel,
        })
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(crate) fn linker(&self) -> &Linker<State> {
        &self.linker
    }

    pub(crate) fn counts_fuel(&self) -> bool {
        self.fuel
    }

    /// Compiles a component, unless it is compiled.
    pub(crate) fn compile(&self, bytes: &[u8]) -> wasmtime::Result<Component> {
        let digest = Sha256::digest(bytes).into();
        // Held while compiling, so that no other thread compiles the same component.
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(component) = compiled.get(&digest) {
            return Ok(component.clone());
        }
        let component = Component::from_binary(&self.engine, bytes)?;
        compiled.insert(digest, component.clone());
        Ok(component)
    }
}

/// Links the interfaces that components can import.
///
/// Unit tests run no component, and leave this out: it is generic code for some 600 functions, which
/// would double the compile time of this crate.
#[cfg(not(test))]
fn link(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi::p3::add_to_linker(&mut linker)?;
    offer_look_ups(&mut linker, |state: &mut State| &mut state.look_ups)?;
    wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
    crate::interfaces::add_to_linker(&mut linker)?;
    Ok(linker)
}

#[cfg(test)]
#[expect(
    clippy::unnecessary_wraps,
    reason = "the same signature as outside of tests"
)]
fn link(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    Ok(Linker::new(engine))
}

/// Returns an engine that is configured as Spin's.
fn engine(fuel: bool) -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .wasm_component_model_async(true)
        .epoch_interruption(true)
        .consume_fuel(fuel)
        .cache(cache()?);
    let mut pooled = config.clone();
    pooled.allocation_strategy(InstanceAllocationStrategy::Pooling(pool()));
    // Without a pool if the address space is too small for it.
    Engine::new(&pooled).or_else(|_| Engine::new(&config))
}

fn pool() -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(MAX_INSTANCES)
        .total_memories(MAX_INSTANCES)
        .total_tables(2 * MAX_INSTANCES)
        .total_stacks(MAX_INSTANCES)
        .total_core_instances(4 * MAX_INSTANCES)
        .table_elements(100_000)
        .max_component_instance_size(10 << 20)
        .max_core_instance_size(10 << 20)
        .max_core_instances_per_component(200)
        .max_tables_per_component(64)
        .max_memories_per_component(32)
        .max_tables_per_module(2)
        .max_memories_per_module(2)
        .max_memory_size(4 << 30)
        .linear_memory_keep_resident(2 << 20)
        .table_keep_resident(512 << 10);
    pool
}

/// Returns the cache of compiled code, if this program is in a build directory, which cargo marks.
fn cache() -> wasmtime::Result<Option<Cache>> {
    let Some(directory) = build_directory() else {
        return Ok(None);
    };
    let mut config = CacheConfig::new();
    config.with_directory(directory.join("local-host").join("compiled"));
    Cache::new(config).map(Some)
}

fn build_directory() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let mut folders = program.ancestors().skip(1);
    folders
        .find(|folder| folder.join("CACHEDIR.TAG").is_file())
        .map(PathBuf::from)
}
