//! Applications: manifests that compose a sender, contacts and claims of the test's choice.

use std::{
    collections::BTreeMap,
    fs,
    ops::Deref,
    path::{Path, PathBuf},
};

use local_host::Options;
use tempfile::TempDir;
use test_hosts::{Host, Launch, MANIFEST};
use test_support::{Setup, TRIGGER_KEY, setup};
use toml::{Table, toml};

/// The folder of the project.
pub(crate) const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The sender, and its configuration.
#[derive(Default)]
pub(crate) enum Sender {
    #[default]
    Sandbox,
    Smtp {
        /// Addresses, separated by a comma and a space.
        relay: String,
        from_name: &'static str,
    },
    Acs {
        endpoint: String,
        key: String,
        follow_seconds: u32,
    },
    Resend {
        endpoint: String,
        key: String,
    },
    /// The sender of another team.
    Own,
}

/// The contacts.
#[derive(Default)]
pub(crate) enum Contacts {
    #[default]
    None,
    Static(String),
}

/// The component that decides races.
#[derive(Default)]
pub(crate) enum Claims {
    #[default]
    Atomics,
    Registers,
    /// The address of the Redis server, if the variable is set.
    Redis(Option<String>),
}

/// The components of an application.
#[derive(Default)]
pub(crate) struct App {
    pub(crate) sender: Sender,
    pub(crate) contacts: Contacts,
    pub(crate) claims: Claims,
    /// Whether the sandbox's page has a route.
    pub(crate) page: bool,
    /// The hosts that may be reached, if not those that the components need.
    pub(crate) allowed_outbound_hosts: Option<Vec<String>>,
}

/// A host that serves an application.
pub(crate) struct Serving {
    host: Host,
    _manifest: TempDir,
}

impl App {
    /// Serves the project's application with these components, and with these variables in addition
    /// to those that the tests need.
    pub(crate) async fn serve(&self, variables: &[(&str, &str)]) -> Serving {
        Serving::start(&self.project_manifest(), &variables_with(variables)).await
    }

    /// Serves the project's application on a local host with other options; `why` says why it must
    /// be a local host.
    pub(crate) async fn serve_locally(
        &self,
        why: &str,
        adjust: impl FnOnce(&mut Options),
    ) -> Serving {
        Serving::local(&self.project_manifest(), &variables_with(&[]), why, adjust).await
    }

    /// Returns the manifest of the probe, with the least that each dependency needs.
    pub(crate) fn probe_manifest(&self) -> Table {
        let mut manifest = toml! {
            spin_manifest_version = 2
            [application]
            name = "delivery"
            version = "0.0.0"
            [[trigger.http]]
            route = "/..."
            component = "probe"
            [component.probe]
            key_value_stores = ["default"]
        };
        let probe = table(&mut manifest, &["component", "probe"]);
        probe.insert("source".to_owned(), component("delivery_probe").into());
        let (hosts, variables) = self.configuration();
        let hosts = self.allowed_outbound_hosts.clone().unwrap_or(hosts);
        probe.insert("allowed_outbound_hosts".to_owned(), hosts.into());
        probe.insert("variables".to_owned(), Table::from_iter(variables).into());
        probe.insert("dependencies".to_owned(), self.dependencies().into());
        if self.page {
            add_page(&mut manifest);
        }
        manifest
    }

    /// Returns the project's manifest with these components.
    fn project_manifest(&self) -> Table {
        let text = fs::read_to_string(MANIFEST).expect("spin.toml");
        let mut manifest: Table = text.parse().expect("a manifest");
        for (_, component) in table(&mut manifest, &["component"]).iter_mut() {
            let source = component.get_mut("source").expect("a source");
            let path = source.as_str().expect("a path");
            *source = format!("{ROOT}/{path}").into();
        }
        let orders = table(&mut manifest, &["component", "email-orders"]);
        let (hosts, variables) = self.configuration();
        let allowed = orders.get_mut("allowed_outbound_hosts");
        let allowed = allowed.and_then(toml::Value::as_array_mut).expect("hosts");
        allowed.extend(hosts.into_iter().map(toml::Value::from));
        table(orders, &["variables"]).extend(variables);
        table(orders, &["dependencies"]).extend(self.dependencies());
        manifest
    }

    /// Returns the dependencies, as a manifest has them.
    fn dependencies(&self) -> Table {
        let all = [
            self.sender.dependency(),
            self.contacts.dependency(),
            self.claims.dependency(),
        ];
        let dependency = |(interface, source, inherited): Dependency| {
            let name = format!("email-orders:{interface}/{interface}@1.0.0");
            let mut dependency = Table::new();
            dependency.insert("path".to_owned(), component(source).into());
            let inherited = inherited.to_vec();
            dependency.insert("inherit_configuration".to_owned(), inherited.into());
            (name, dependency.into())
        };
        all.into_iter().map(dependency).collect()
    }

    /// Returns the hosts that may be reached, and the variables.
    fn configuration(&self) -> (Vec<String>, BTreeMap<String, toml::Value>) {
        let mut variables = BTreeMap::new();
        let mut set = |name: &str, value: String| variables.insert(name.to_owned(), value.into());
        let mut hosts = Vec::new();
        match &self.sender {
            Sender::Sandbox | Sender::Own => {}
            Sender::Smtp { relay, from_name } => {
                hosts.extend(relay.split(", ").map(|relay| format!("*://{relay}")));
                set("smtp_relay", relay.clone());
                set("smtp_from_name", (*from_name).to_owned());
            }
            Sender::Acs {
                endpoint,
                key,
                follow_seconds,
            } => {
                hosts.push(endpoint.clone());
                set("acs_endpoint", endpoint.clone());
                set("acs_access_key", key.clone());
                set("acs_follow_seconds", follow_seconds.to_string());
            }
            Sender::Resend { endpoint, key } => {
                hosts.push(endpoint.clone());
                set("resend_endpoint", endpoint.clone());
                set("resend_api_key", key.clone());
            }
        }
        if let Contacts::Static(list) = &self.contacts {
            set("contacts", list.clone());
        }
        if let Claims::Redis(Some(address)) = &self.claims {
            set("claims_redis", address.clone());
            hosts.push(address.clone());
        }
        (hosts, variables)
    }
}

/// An interface, the component that exports it, and what it inherits.
type Dependency = (&'static str, &'static str, &'static [&'static str]);

impl Sender {
    fn dependency(&self) -> Dependency {
        const NETWORK: &[&str] = &["allowed_outbound_hosts", "variables"];
        match self {
            Self::Sandbox => ("sender", "sender_sandbox", &["key_value_stores"]),
            Self::Own => ("sender", "own_sender", &[]),
            Self::Smtp { .. } => (
                "sender",
                "sender_smtp",
                &["allowed_outbound_hosts", "variables", "key_value_stores"],
            ),
            Self::Acs { .. } => ("sender", "sender_acs", NETWORK),
            Self::Resend { .. } => ("sender", "sender_resend", NETWORK),
        }
    }
}

impl Contacts {
    fn dependency(&self) -> Dependency {
        match self {
            Self::None => ("contacts", "contacts_none", &[]),
            Self::Static(_) => ("contacts", "contacts_static", &["variables"]),
        }
    }
}

impl Claims {
    fn dependency(&self) -> Dependency {
        match self {
            Self::Atomics => ("claims", "claims_atomics", &["key_value_stores"]),
            Self::Registers => ("claims", "claims_registers", &["key_value_stores"]),
            Self::Redis(_) => (
                "claims",
                "claims_redis",
                &["allowed_outbound_hosts", "variables"],
            ),
        }
    }
}

impl Serving {
    /// Serves the application of a manifest.
    pub(crate) async fn start(manifest: &Table, variables: &BTreeMap<String, String>) -> Self {
        let (launch, folder) = launch(manifest, variables);
        Self {
            host: Host::start(&launch).await,
            _manifest: folder,
        }
    }

    /// Serves the application of a manifest on a local host with other options.
    pub(crate) async fn local(
        manifest: &Table,
        variables: &BTreeMap<String, String>,
        why: &str,
        adjust: impl FnOnce(&mut Options),
    ) -> Self {
        let (launch, folder) = launch(manifest, variables);
        Self {
            host: Host::local(why, &launch, adjust).await,
            _manifest: folder,
        }
    }

    pub(crate) async fn stop(self) {
        self.host.stop().await;
    }

    /// Ends it at once, whatever it does.
    pub(crate) async fn abandon(self) {
        self.host.abandon().await;
    }
}

impl Deref for Serving {
    type Target = Host;

    fn deref(&self) -> &Host {
        &self.host
    }
}

/// Returns the variables that give the tests access, and these.
fn variables_with(more: &[(&str, &str)]) -> BTreeMap<String, String> {
    let tests = [("trigger_key", TRIGGER_KEY), ("dev_mail", "open")];
    let Setup { variables, .. } = setup(&[&tests, more].concat());
    variables
}

/// Writes a manifest into a new folder.
fn launch(manifest: &Table, variables: &BTreeMap<String, String>) -> (Launch, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("spin.toml");
    fs::write(&path, manifest.to_string()).expect("a manifest");
    let variables = variables.iter();
    let launch = Launch::new(path).with(variables.map(|(name, value)| (name.clone(), value)));
    (launch, folder)
}

/// Adds a route to the sandbox's page.
fn add_page(manifest: &mut Table) {
    let mut page = toml! {
        key_value_stores = ["default"]
        [variables]
        dev_mail = "open"
    };
    page.insert("source".to_owned(), component("sender_sandbox").into());
    table(manifest, &["component"]).insert("mail".to_owned(), page.into());
    let route = toml! {
        route = "/dev/mail/..."
        component = "mail"
    };
    let routes = table(manifest, &["trigger"]).get_mut("http");
    let routes = routes.and_then(toml::Value::as_array_mut);
    routes.expect("routes").push(route.into());
}

/// Returns the path of a component, as `cargo xtask build` leaves it.
pub(crate) fn component(name: &str) -> String {
    let folder = Path::new(ROOT).join("target/wasm32-wasip2/release");
    let path: PathBuf = folder.join(name).with_extension("wasm");
    path.to_str().expect("a path in UTF-8").to_owned()
}

/// Returns a table in a table; adds it if it is missing.
pub(crate) fn table<'a>(of: &'a mut Table, path: &[&str]) -> &'a mut Table {
    path.iter().fold(of, |table, name| {
        let entry = table.entry(*name).or_insert_with(|| Table::new().into());
        entry.as_table_mut().expect("a table")
    })
}
