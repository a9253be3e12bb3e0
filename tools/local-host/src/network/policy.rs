//! Decides where one component may connect to, by its `allowed_outbound_hosts`.

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

/// Returns whether an entry resolved to an optional host that is not set. It allows nothing and is
/// not an error.
pub(crate) fn means_nowhere(resolved: &str) -> bool {
    matches!(resolved, "" | "http://" | "https://")
}

/// The allowed hosts of one instance, resolved at the first use.
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

    /// Returns whether the component may send requests to its own application.
    pub(crate) fn allows_itself(&self) -> bool {
        let allowed = self.hosts().iter().any(AllowedHost::allows_itself);
        report(allowed, "self")
    }

    /// Returns whether a socket may be used for this purpose: to connect to allowed hosts, never to
    /// accept connections.
    pub(crate) fn allows_socket(&self, address: SocketAddr, purpose: SocketAddrUse) -> bool {
        let scheme = match purpose {
            // The system binds any free port before it connects.
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

    /// Returns the entries; none if one of them is invalid.
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

/// Logs a refused destination.
fn report(allowed: bool, destination: impl Display) -> bool {
    if !allowed {
        tracing::error!(
            "a component tried to connect to {destination}, which its allowed_outbound_hosts do not list"
        );
    }
    allowed
}
