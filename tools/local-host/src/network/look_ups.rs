//! Implements `wasi:sockets/ip-name-lookup`.
//!
//! Spin 4.1 answers `permanent-resolver-failure` to every name. Other hosts of WASI 0.3 resolve names;
//! a test states the names that such a host knows.

use std::{
    collections::BTreeMap,
    future::pending,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
};

use wasmtime::component::{Accessor, HasData, Linker};
use wasmtime_wasi::p3::bindings::sockets::{
    ip_name_lookup::{ErrorCode, Host, HostWithStore, add_to_linker},
    types::IpAddress,
};

/// The results of a component's look-ups.
#[derive(Clone, Debug, Default)]
pub enum LookUps {
    /// `permanent-resolver-failure`, as on Spin.
    #[default]
    Refused,
    /// The addresses of the given names. An IP address resolves to itself; other names are unknown.
    Known(Arc<BTreeMap<String, Vec<IpAddr>>>),
    /// None: look-ups never return, except those of IP addresses.
    Hanging,
}

impl LookUps {
    async fn resolve(self, name: String) -> Result<Vec<IpAddr>, ErrorCode> {
        if let Self::Refused = self {
            return Err(ErrorCode::PermanentResolverFailure);
        }
        if let Ok(address) = name.parse() {
            return Ok(vec![address]);
        }
        match self {
            Self::Known(names) => names.get(&name).cloned().ok_or(ErrorCode::NameUnresolvable),
            Self::Refused | Self::Hanging => pending().await,
        }
    }
}

/// Adds the interface to a linker in place of wasmtime's own.
#[cfg_attr(test, expect(dead_code, reason = "unit tests run no component"))]
pub(crate) fn offer<T: Send + 'static>(
    linker: &mut Linker<T>,
    look_ups: fn(&mut T) -> &mut LookUps,
) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    add_to_linker::<T, Offered>(linker, look_ups)?;
    linker.allow_shadowing(false);
    Ok(())
}

struct Offered;

impl HasData for Offered {
    type Data<'a> = &'a mut LookUps;
}

impl Host for &mut LookUps {}

impl<T> HostWithStore<T> for Offered {
    async fn resolve_addresses(
        store: &Accessor<T, Self>,
        name: String,
    ) -> wasmtime::Result<Result<Vec<IpAddress>, ErrorCode>> {
        let look_ups = store.with(|mut access| access.get().clone());
        let addresses = look_ups.resolve(name).await;
        Ok(addresses.map(|addresses| addresses.into_iter().map(address).collect()))
    }
}

fn address(address: IpAddr) -> IpAddress {
    match address {
        IpAddr::V4(address) => IpAddress::Ipv4(v4(address)),
        IpAddr::V6(address) => IpAddress::Ipv6(v6(address)),
    }
}

fn v4(address: Ipv4Addr) -> (u8, u8, u8, u8) {
    address.octets().into()
}

fn v6(address: Ipv6Addr) -> (u16, u16, u16, u16, u16, u16, u16, u16) {
    address.segments().into()
}
