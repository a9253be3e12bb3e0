//! The options of a server.

use std::{
    collections::BTreeMap,
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use crate::{
    faults::Hook,
    key_value::{Provider, Storage},
    network::LookUps,
    runtime::{Output, Reuse},
};

/// The options of a server. [`Options::new`] suits most tests.
#[derive(Clone)]
pub struct Options {
    /// The manifest.
    pub manifest: PathBuf,
    /// The address to serve on; port 0 means any free port.
    pub listen: SocketAddr,
    /// Values of the application's variables.
    pub variables: BTreeMap<String, String>,
    /// Where key-value pairs are stored.
    pub storage: Storage,
    /// The key-value provider of Spin whose behaviour is modelled.
    pub provider: Provider,
    /// The limits of the reuse of instances.
    pub reuse: Reuse,
    /// Whether to count fuel. An instance then serves one request at a time.
    pub fuel: bool,
    /// The loopback address of the statistics, if they are served.
    pub stats: Option<SocketAddr>,
    /// Injects faults.
    pub hook: Option<Hook>,
    /// Where the components' output goes.
    pub output: Output,
    /// PEM files of certificates that outbound HTTPS trusts besides the system's.
    pub tls_roots: Vec<PathBuf>,
    /// Addresses of host names that override the system's resolver in outbound HTTP.
    pub names: BTreeMap<String, IpAddr>,
    /// Whether components can look names up.
    pub look_ups: LookUps,
    /// Whether outbound connections to private networks are refused, as by Spin's
    /// `block_networks = ["private"]`.
    pub block_private_networks: bool,
    /// How long requests in flight, and the work after their responses, may take at a shutdown.
    pub grace: Duration,
}

impl Options {
    /// Returns options that serve the manifest's application on any free loopback port, with its
    /// storage in memory and its output on this process's standard error.
    #[must_use]
    pub fn new(manifest: impl Into<PathBuf>) -> Self {
        Self {
            manifest: manifest.into(),
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            variables: BTreeMap::new(),
            storage: Storage::Memory,
            provider: Provider::default(),
            reuse: Reuse::default(),
            fuel: false,
            stats: None,
            hook: None,
            output: Output {
                terminal: true,
                ..Output::default()
            },
            tls_roots: Vec::new(),
            names: BTreeMap::new(),
            look_ups: LookUps::default(),
            block_private_networks: false,
            grace: Duration::from_secs(10),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("manifest", &self.manifest)
            .field("listen", &self.listen)
            .field("storage", &self.storage)
            .field("provider", &self.provider)
            .field("reuse", &self.reuse)
            .field("fuel", &self.fuel)
            .finish_non_exhaustive()
    }
}
