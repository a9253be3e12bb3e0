//! How much linear memory instances take. Nothing is limited here: Spin limits
//! nothing unless it is told to.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use wasmtime::ResourceLimiter;

/// The most linear memory that one instance of a server has had.
#[derive(Default)]
pub(crate) struct PeakMemory(AtomicUsize);

impl PeakMemory {
    pub(crate) fn bytes(&self) -> usize {
        self.0.load(Relaxed)
    }
}

/// Measures one instance, all memories of its modules together.
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
