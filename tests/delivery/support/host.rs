//! An application with a sender and contacts composed in, and a host that serves it.

use std::{collections::BTreeMap, fs, path::PathBuf};

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use local_host::{CallCounts, Options};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tempfile::TempDir;
use test_hosts::Setup;
use toml::{Table, toml};

use super::{Email, call::call, email::Outcome};

/// The folder of the project.
pub(crate) const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Which sender, and how it is configured.
#[derive(Default)]
pub(crate) enum Sender {
    #[default]
    Sandbox,
    Smtp {
        relay: String,
        from_name: &'static str,
    },
    Acs {
        endpoint: String,
        key: String,
        follow_seconds: u32,
    },
    /// One that is none of this project's.
    Own,
}

/// Which contacts.
#[derive(Default)]
pub(crate) enum Contacts {
    #[default]
    None,
    Static(String),
}

/// An application.
#[derive(Default)]
pub(crate) struct App {
    pub(crate) sender: Sender,
    pub(crate) contacts: Contacts,
    /// Whether the sandbox's page is routed to.
    pub(crate) page: bool,
    /// What may be reached, if it is not what the sender needs.
    pub(crate) allowed_outbound_hosts: Option<Vec<String>>,
}

/// A host that serves an application.
pub(crate) struct Host {
    host: test_hosts::Host,
    _manifest: TempDir,
}

impl App {
    pub(crate) async fn start(self) -> Host {
        Host::start(&self.manifest(), BTreeMap::new()).await
    }

    /// The manifest, with the least that each dependency needs.
    fn manifest(&self) -> Table {
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

    /// The sender and the contacts, as a manifest has them.
    pub(super) fn dependencies(&self) -> Table {
        let all = [self.sender.dependency(), self.contacts.dependency()];
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

    /// What may be reached, and the variables.
    pub(super) fn configuration(&self) -> (Vec<String>, BTreeMap<String, toml::Value>) {
        let mut variables = BTreeMap::new();
        let mut set = |name: &str, value: String| variables.insert(name.to_owned(), value.into());
        let mut hosts = Vec::new();
        match &self.sender {
            Sender::Sandbox | Sender::Own => {}
            Sender::Smtp { relay, from_name } => {
                hosts.push(format!("*://{relay}"));
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
        }
        if let Contacts::Static(list) = &self.contacts {
            set("contacts", list.clone());
        }
        (hosts, variables)
    }
}

/// The manifest of a component that lists keys, twice: each has instances of its own.
pub(crate) fn lister() -> Table {
    let mut manifest = toml! {
        spin_manifest_version = 2
        [application]
        name = "listing"
        version = "0.0.0"
        [[trigger.http]]
        route = "/..."
        component = "lister"
        [[trigger.http]]
        route = "/other/..."
        component = "other"
    };
    for name in ["lister", "other"] {
        let component = table(&mut manifest, &["component", name]);
        let source = self::component("key_lister");
        component.insert("source".to_owned(), source.into());
        let stores = vec!["default"];
        component.insert("key_value_stores".to_owned(), stores.into());
    }
    manifest
}

/// Routes to the sandbox's page.
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

type Dependency = (&'static str, &'static str, &'static [&'static str]);

impl Sender {
    fn dependency(&self) -> Dependency {
        match self {
            Self::Sandbox => ("sender", "sender_sandbox", &["key_value_stores"]),
            Self::Own => ("sender", "own_sender", &[]),
            Self::Smtp { .. } => (
                "sender",
                "sender_smtp",
                &["allowed_outbound_hosts", "variables"],
            ),
            Self::Acs { .. } => (
                "sender",
                "sender_acs",
                &["allowed_outbound_hosts", "variables"],
            ),
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

impl Host {
    /// Serves the application of this manifest, with these variables.
    pub(super) async fn start(manifest: &Table, variables: BTreeMap<String, String>) -> Self {
        let (path, folder) = written(manifest);
        Self {
            host: test_hosts::Host::start(&Setup::new(path).with(variables)).await,
            _manifest: folder,
        }
    }

    /// Serves the application of this manifest on a local host that is set up as no Spin can be.
    pub(crate) async fn adjusted(manifest: &Table, adjust: impl FnOnce(&mut Options)) -> Self {
        let (path, folder) = written(manifest);
        Self {
            host: test_hosts::Host::local(&Setup::new(path), adjust).await,
            _manifest: folder,
        }
    }

    /// Sends an email through the sender.
    pub(crate) async fn send(&self, email: &Email) -> Outcome {
        self.post("/send", email).await
    }

    /// Looks identifiers up in the contacts.
    pub(crate) async fn look_up(&self, identifiers: Value) -> Result<Value, String> {
        self.post("/look-up", &identifiers).await
    }

    /// What this path has as JSON.
    pub(crate) async fn json(&self, path: &str) -> Value {
        let response = self.get(path, "application/json").await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        serde_json::from_slice(response.body()).expect("JSON")
    }

    pub(crate) async fn get(&self, path: &str, accept: &str) -> Response<Bytes> {
        let request = Request::get(path)
            .header(header::HOST, "test")
            .header(header::ACCEPT, accept);
        self.call(request.body(Bytes::new())).await
    }

    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        document: &impl Serialize,
    ) -> T {
        let body = serde_json::to_vec(document).expect("JSON");
        let request = Request::post(path).header(header::HOST, "test");
        let response = self.call(request.body(body.into())).await;
        let text = String::from_utf8_lossy(response.body());
        assert_eq!(response.status(), StatusCode::OK, "{text}");
        serde_json::from_slice(response.body()).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    pub(crate) async fn call(&self, request: http::Result<Request<Bytes>>) -> Response<Bytes> {
        call(self.host.authority(), request.expect("a request")).await
    }

    /// The calls that the components have made.
    pub(crate) fn calls(&self) -> CallCounts {
        self.host.server().expect("a local host").calls()
    }

    pub(crate) async fn stop(self) {
        self.host.stop().await;
    }

    /// Ends it whatever is going on.
    pub(crate) async fn kill(self) {
        self.host.abandon().await;
    }
}

/// Writes a manifest into a folder of its own.
fn written(manifest: &Table) -> (PathBuf, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("spin.toml");
    fs::write(&path, manifest.to_string()).expect("a manifest");
    (path, folder)
}

/// A component as `cargo xtask build` leaves it.
pub(crate) fn component(name: &str) -> String {
    let folder = PathBuf::from(ROOT).join("target/wasm32-wasip2/release");
    let path = folder.join(name).with_extension("wasm");
    path.to_str().expect("a path in UTF-8").to_owned()
}

/// A table in a table, made where there is none.
pub(super) fn table<'a>(of: &'a mut Table, path: &[&str]) -> &'a mut Table {
    path.iter().fold(of, |table, name| {
        let entry = table.entry(*name).or_insert_with(|| Table::new().into());
        entry.as_table_mut().expect("a table")
    })
}
