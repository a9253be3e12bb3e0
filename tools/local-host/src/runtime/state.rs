//! The state of an instance.

use wasmtime_wasi::{ResourceTable, WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::{fuel::FuelGauge, memory::MemoryGauge};
use crate::{
    key_value::Handles,
    network::{LookUps, OutboundHttp, OutboundRedis},
    variables::ComponentVariables,
};

pub(crate) struct State {
    pub(crate) key_value: Handles,
    pub(crate) variables: ComponentVariables,
    pub(super) fuel: Option<FuelGauge>,
    pub(super) memory: MemoryGauge,
    pub(super) wasi: WasiCtx,
    pub(super) http: WasiHttpCtx,
    pub(super) outbound: OutboundHttp,
    pub(crate) redis: OutboundRedis,
    pub(crate) table: ResourceTable,
    /// Unit tests link no interface, so nothing reads it there.
    #[cfg_attr(test, expect(dead_code))]
    pub(super) look_ups: LookUps,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.outbound,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}
