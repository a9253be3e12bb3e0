//! The TOML document of a manifest.
//!
//! Members of Spin that this host does not support are read as plain values, so that they can be
//! refused by name. Members that Spin does not know are errors, as on Spin.

use std::{collections::BTreeMap, path::PathBuf};

use serde::Deserialize;
use toml::{Table, Value};

use super::{dependency::DependencyName, id::ComponentId};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) spin_manifest_version: u8,
    pub(super) application: Application,
    #[serde(default)]
    pub(super) variables: BTreeMap<String, Variable>,
    #[serde(default)]
    pub(super) trigger: BTreeMap<String, Vec<Table>>,
    #[serde(default)]
    pub(super) component: BTreeMap<ComponentId, Component>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Application {
    pub(super) name: String,
    #[serde(default)]
    pub(super) version: String,
    #[serde(default, rename = "description")]
    _description: String,
    #[serde(default, rename = "authors")]
    _authors: Vec<String>,
    #[serde(default, rename = "targets")]
    _targets: Vec<Value>,
    #[serde(default)]
    pub(super) trigger: BTreeMap<String, Table>,
    #[serde(default, rename = "tool")]
    _tool: Table,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Variable {
    #[serde(default, rename = "description")]
    _description: String,
    #[serde(default)]
    pub(super) required: bool,
    pub(super) default: Option<String>,
    #[serde(default, rename = "secret")]
    _secret: bool,
}

/// One `[[trigger.http]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HttpTrigger {
    #[serde(default, rename = "id")]
    _id: String,
    pub(super) route: Value,
    pub(super) component: Option<Value>,
    pub(super) components: Option<Value>,
    pub(super) dependencies: Option<Value>,
    pub(super) static_response: Option<Value>,
    pub(super) executor: Option<Executor>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Executor {
    #[serde(rename = "type")]
    pub(super) kind: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Component {
    pub(super) source: Source,
    #[serde(default)]
    pub(super) description: String,
    #[serde(default)]
    pub(super) variables: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) environment: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) files: Vec<Value>,
    #[serde(default)]
    pub(super) exclude_files: Vec<Value>,
    #[serde(default)]
    pub(super) allowed_http_hosts: Vec<Value>,
    #[serde(default)]
    pub(super) allowed_outbound_hosts: Vec<String>,
    #[serde(default)]
    pub(super) key_value_stores: Vec<String>,
    #[serde(default)]
    pub(super) sqlite_databases: Vec<Value>,
    #[serde(default)]
    pub(super) ai_models: Vec<Value>,
    #[serde(default, rename = "targets")]
    _targets: Vec<Value>,
    #[serde(default, rename = "build")]
    _build: Table,
    #[serde(default, rename = "tool")]
    _tool: Table,
    pub(super) dependencies_inherit_configuration: Option<bool>,
    #[serde(default)]
    pub(super) dependencies: BTreeMap<DependencyName, Dependency>,
    // Ignored: a profile has no effect unless it is selected, which this host cannot do.
    #[serde(default, rename = "profile")]
    _profile: Table,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Source {
    Path(PathBuf),
    Elsewhere(Table),
}

/// A dependency: a file, another component of the manifest, or (refused later) something from a
/// registry or a URL.
#[derive(Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(super) enum Dependency {
    File {
        path: PathBuf,
        export: Option<String>,
        inherit_configuration: Option<Inherit>,
    },
    Component {
        component: ComponentId,
        export: Option<String>,
        inherit_configuration: Option<Inherit>,
    },
    Elsewhere(Value),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Inherit {
    All(bool),
    Some(Vec<String>),
}
