//! Where one component may connect to, with the variables of now.

use std::{
    fmt::Display,
    net::SocketAddr,
    sync::{Arc, OnceLock},
};

use url::Url;
use wasmtime_wasi::sockets::SocketAddrUse;

use super::{
    allowed_hosts::{AllowedHost, socket_url},
    resolver::is_private,
};
use crate::variables::{Template, Variables};

/// Whether a template for an allowed host came out as an optional host that
/// is not set, which allows nothing and is no error.
pub(crate) fn means_nowhere(resolved: &str) -> bool {
    matches!(resolved, "" | "http://" | "https://")
}

/// The allowed hosts of one instance, resolved when first asked for.
#[derive(Clone)]
pub(crate) struct Policy {
    templates: Arc<[Template]>,
    variables: Variables,
    /// Whether sockets to private networks are refused.
    blocks_private: bool,
    resolved: Arc<OnceLock<Vec<AllowedHost>>>,
}

impl Policy {
    pub(crate) fn new(
        templates: Arc<[Template]>,
        variables: Variables,
        blocks_private: bool,
    ) -> Self {
        Self {
            templates,
            variables,
            blocks_private,
            resolved: Arc::default(),
        }
    }

    pub(crate) fn allows(&self, url: &Url) -> bool {
        report(self.hosts().iter().any(|host| host.allows(url)), url)
    }

    /// Whether the component may send requests to its own application.
    pub(crate) fn allows_itself(&self) -> bool {
        let allowed = self.hosts().iter().any(AllowedHost::allows_itself);
        report(allowed, "self")
    }

    /// Whether a socket may be used so: to go out where the list says, never
    /// to wait for others.
    pub(crate) fn allows_socket(&self, address: SocketAddr, purpose: SocketAddrUse) -> bool {
        let scheme = match purpose {
            // What the system binds by itself in order to connect.
            SocketAddrUse::TcpBind => return address.ip().is_unspecified() && address.port() == 0,
            SocketAddrUse::TcpListen | SocketAddrUse::TcpAccept => return false,
            SocketAddrUse::TcpConnect => "tcp",
            SocketAddrUse::UdpBind | SocketAddrUse::UdpSend | SocketAddrUse::UdpReceive => "udp",
        };
        if self.blocks_private && is_private(address.ip()) {
            return false;
        }
        socket_url(scheme, address).is_some_and(|url| self.allows(&url))
    }

    /// The entries; none at all if one of them cannot be read.
    fn hosts(&self) -> &[AllowedHost] {
        self.resolved.get_or_init(|| {
            self.resolve().unwrap_or_else(|error| {
                tracing::error!("allowed_outbound_hosts: {error}");
                Vec::new()
            })
        })
    }

    fn resolve(&self) -> Result<Vec<AllowedHost>, Box<dyn std::error::Error>> {
        let mut hosts = Vec::with_capacity(self.templates.len());
        for template in &*self.templates {
            let text = self.variables.resolve(template)?;
            if template.is_literal() || !means_nowhere(&text) {
                hosts.push(AllowedHost::parse(&text)?);
            }
        }
        Ok(hosts)
    }
}

/// Says in the log what was not allowed.
fn report(allowed: bool, destination: impl Display) -> bool {
    if !allowed {
        tracing::error!(
            "a component tried to connect to {destination}, which its allowed_outbound_hosts do not list"
        );
    }
    allowed
}
