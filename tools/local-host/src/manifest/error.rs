//! Why a manifest cannot be run.

use super::{
    dependency::DependencyName,
    id::{ComponentId, InvalidId},
};
use crate::{network::InvalidHost, variables::VariableError};

/// Why a manifest cannot be run, by Spin's rules or by this host's limits.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// The file is no manifest.
    #[error("{0}")]
    Syntax(#[from] toml::de::Error),
    /// It is of another version.
    #[error("spin_manifest_version is {0}, and must be 2")]
    Version(u8),
    /// Spin has this and the local host has not.
    #[error("the local host does not support {0}")]
    Unsupported(String),
    /// A name that is no identifier.
    #[error(transparent)]
    Id(#[from] InvalidId),
    /// A variable's name that is no identifier.
    #[error(
        "the variable {0:?} must be lower-case words joined by `_`, each beginning with a letter"
    )]
    VariableId(String),
    /// A variable with both or neither.
    #[error("the variable {0:?} must be `required` or have a `default`")]
    RequiredOrDefault(String),
    /// A variable's name or template.
    #[error(transparent)]
    Variable(#[from] VariableError),
    /// A route without a component.
    #[error("the route {0:?} leads to no component")]
    NoComponent(String),
    /// A name that no component has.
    #[error("there is no component `{0}`")]
    UnknownComponent(ComponentId),
    /// A store that is not configured.
    #[error(
        "unknown key_value_stores label {0:?}: without a runtime configuration there is only `default`"
    )]
    UnknownStore(String),
    /// An entry of `allowed_outbound_hosts`.
    #[error(transparent)]
    Host(#[from] InvalidHost),
    /// Two dependencies for one import.
    #[error("the dependencies {} and {} conflict", .0.0, .0.1)]
    Overlap(Box<(DependencyName, DependencyName)>),
    /// An export for a whole package.
    #[error("the dependency {0} means a whole package and must not name an export")]
    ExportOfPackage(DependencyName),
    /// Both ways of inheriting.
    #[error("`dependencies_inherit_configuration` and `inherit_configuration` exclude each other")]
    InheritTwice,
    /// A dependency with a configuration of its own.
    #[error(
        "the component `{component}` cannot be a dependency, because it has {member} of its own"
    )]
    DependencyHasResources {
        /// The dependency.
        component: ComponentId,
        /// What it has.
        member: &'static str,
    },
    /// Any of these, in a component.
    #[error("component `{component}`: {source}")]
    Component {
        /// The component.
        component: ComponentId,
        /// What is wrong in it.
        source: Box<ManifestError>,
    },
}

impl ManifestError {
    pub(super) fn unsupported(what: impl Into<String>) -> Self {
        Self::Unsupported(what.into())
    }

    pub(super) fn in_component(self, component: &ComponentId) -> Self {
        Self::Component {
            component: component.clone(),
            source: Box::new(self),
        }
    }
}
