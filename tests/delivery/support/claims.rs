//! An application with a component composed in that decides races, and a host that serves it.

use local_host::{Hook, Provider};
use serde::Deserialize;
use toml::{Table, toml};

use super::host::{Host, component, table};

/// What decides races, and in what surroundings.
#[derive(Default)]
pub(crate) struct Setup {
    /// The component.
    pub(crate) component: &'static str,
    pub(crate) provider: Provider,
    /// The Redis server.
    pub(crate) redis: Option<String>,
    /// What may be reached.
    pub(crate) allowed_outbound_hosts: Vec<String>,
    pub(crate) hook: Option<Hook>,
}

/// A host that serves it, each request in an instance that serves no other meanwhile.
pub(crate) struct Claims(Host);

/// What a call came to.
pub(crate) type Decision<T = ()> = Result<T, Failure>;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) enum Failure {
    Lost,
    Inconclusive(String),
}

impl Setup {
    pub(crate) async fn start(self) -> Claims {
        let mut manifest = toml! {
            spin_manifest_version = 2
            [application]
            name = "claims"
            version = "0.0.0"
            [[trigger.http]]
            route = "/..."
            component = "probe"
            [component.probe]
            key_value_stores = ["default"]
        };
        let probe = table(&mut manifest, &["component", "probe"]);
        probe.insert("source".to_owned(), component("claims_probe").into());
        let hosts = self.allowed_outbound_hosts;
        probe.insert("allowed_outbound_hosts".to_owned(), hosts.into());
        if let Some(address) = self.redis {
            table(probe, &["variables"]).insert("claims_redis".to_owned(), address.into());
        }
        let mut dependency = Table::new();
        dependency.insert("path".to_owned(), component(self.component).into());
        dependency.insert("inherit_configuration".to_owned(), true.into());
        let name = "email-orders:claims/claims@1.0.0".to_owned();
        table(probe, &["dependencies"]).insert(name, dependency.into());
        let host = Host::adjusted(&manifest, |options| {
            options.provider = self.provider;
            options.hook = self.hook;
            options.reuse.concurrent = 1;
        });
        Claims(host.await)
    }
}

impl Claims {
    pub(crate) async fn claim(&self, name: &str, contender: &str) -> Decision {
        self.0.post("/claim", &(name, contender)).await
    }

    pub(crate) async fn next(&self, sequence: &str) -> Decision<u64> {
        self.0.post("/next", &sequence).await
    }

    pub(crate) async fn stop(self) {
        self.0.stop().await;
    }
}
