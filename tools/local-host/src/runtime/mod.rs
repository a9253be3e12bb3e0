//! Runs components: the engine, compiled components, and their instances.

mod component;
mod engine;
mod fuel;
mod memory;
mod shutdown;
mod state;
mod stdio;
mod worker;

pub use component::LoadError;
pub(crate) use component::{Component, Shared};
pub(crate) use engine::{MAX_INSTANCES, Runtime};
pub(crate) use fuel::FuelLog;
pub use fuel::RequestFuel;
pub(crate) use memory::PeakMemory;
pub(crate) use shutdown::Shutdown;
pub(crate) use state::State;
pub use stdio::Output;
pub(crate) use worker::Instances;
pub use worker::Reuse;
