//! Measures the linear memory of instances. It is not limited, because Spin does not limit it by
//! default.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use wasmtime::ResourceLimiter;

/// The peak of the linear memory of one instance of a server.
#[derive(Default)]
pub(crate) struct PeakMemory(AtomicUsize);

impl PeakMemory {
    pub(crate) fn bytes(&self) -> usize {
        self.0.load(Relaxed)
    }
}

/// Measures one instance: the sum of the memories of its modules.
pub(super) struct MemoryGauge {
    peak: Arc<PeakMemory>,
    bytes: usize,
}

impl MemoryGauge {
    pub(super) fn new(peak: &Arc<PeakMemory>) -> Self {
        Self {
            peak: Arc::clone(peak),
            bytes: 0,
        }
    }
}

impl ResourceLimiter for MemoryGauge {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.bytes += desired.saturating_sub(current);
        self.peak.0.fetch_max(self.bytes, Relaxed);
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(true)
    }
}
