//! Implements the interfaces that Spin adds to WASI for an instance's [`State`].

mod bindings;
mod spin_key_value;
mod spin_redis;
mod spin_variables;
mod wasi_key_value;

use wasmtime::component::{HasSelf, Linker};

use crate::runtime::State;

/// Adds the interfaces to a linker.
#[cfg_attr(test, expect(dead_code, reason = "unit tests run no component"))]
pub(crate) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    bindings::Imports::add_to_linker::<_, HasSelf<State>>(linker, |state| state)
}
