//! Measures how many instructions a component executes for a request, as wasmtime's fuel.
//!
//! Wasmtime counts fuel by instance, so an instance that is measured serves one request at a time. The
//! fuel of a request includes the work after its response, and is known when the instance's next
//! request begins or the instance ends.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use serde::Serialize;
use wasmtime::{AsContextMut, StoreContextMut};

use super::state::State;

/// The fuel of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RequestFuel {
    /// The number of the instance in the order of creation, from 0.
    pub instance: u64,
    /// The number of the request in its instance, from 1.
    pub request: u64,
    /// The consumed fuel.
    pub spent: u64,
}

/// The fuel of one server's requests.
#[derive(Default)]
pub(crate) struct FuelLog {
    instances: AtomicU64,
    requests: Mutex<Vec<RequestFuel>>,
}

impl FuelLog {
    pub(crate) fn requests(&self) -> Vec<RequestFuel> {
        self.requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn reset(&self) {
        self.requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

/// Measures the fuel of one instance.
pub(super) struct FuelGauge {
    log: Arc<FuelLog>,
    instance: u64,
    request: u64,
}

impl FuelGauge {
    pub(super) fn new(log: &Arc<FuelLog>) -> Self {
        Self {
            log: Arc::clone(log),
            instance: log.instances.fetch_add(1, Relaxed),
            request: 0,
        }
    }
}

/// Logs the fuel of the request that has ended, and refills the instance's fuel.
pub(super) fn refill(mut store: StoreContextMut<'_, State>) {
    note(&mut store);
    if let Some(gauge) = &mut store.data_mut().fuel {
        gauge.request += 1;
        // It fails only if the engine counts no fuel; then there is no gauge.
        _ = store.set_fuel(u64::MAX);
    }
}

/// Logs the fuel of the last request.
pub(super) fn note(mut store: impl AsContextMut<Data = State>) {
    let store = store.as_context_mut();
    let Ok(left) = store.get_fuel() else {
        return;
    };
    if let Some(gauge) = &store.data().fuel
        && gauge.request > 0
    {
        gauge
            .log
            .requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(RequestFuel {
                instance: gauge.instance,
                request: gauge.request,
                spent: u64::MAX - left,
            });
    }
}
