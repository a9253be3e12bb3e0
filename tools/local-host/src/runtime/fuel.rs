//! How much a component has executed for a request, in wasmtime's unit.
//!
//! Fuel is counted per instance, and an instance serves one request at a time
//! while it is counted. What an instance has spent since a request began is
//! that request's, work behind its response included, and is known when the
//! instance's next request begins or the instance ends.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use serde::Serialize;
use wasmtime::{AsContextMut, StoreContextMut};

use super::state::State;

/// What one request has cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RequestFuel {
    /// The instance, in the order of their beginnings, from 0.
    pub instance: u64,
    /// Which request of that instance, from 1.
    pub request: u64,
    /// The fuel spent.
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

/// Measures one instance.
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

/// Fills the tank, noting what has gone for the request that ends herewith.
pub(super) fn refill(mut store: StoreContextMut<'_, State>) {
    note(&mut store);
    if let Some(gauge) = &mut store.data_mut().fuel {
        gauge.request += 1;
        // Without fuel to count there is no gauge.
        _ = store.set_fuel(u64::MAX);
    }
}

/// Notes what has gone for the last request.
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
