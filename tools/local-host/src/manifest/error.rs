//! The errors of a manifest.

use super::{
    dependency::DependencyName,
    id::{ComponentId, InvalidId},
};
use crate::{network::InvalidHost, variables::VariableError};

/// Why a manifest is refused, by Spin's rules or by this host's limits.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// The file is not a manifest.
    #[error("{0}")]
    Syntax(#[from] toml::de::Error),
    /// The manifest has another version.
    #[error("spin_manifest_version is {0}, and must be 2")]
    Version(u8),
    /// The local host lacks a feature of Spin.
    #[error("the local host does not support {0}")]
    Unsupported(String),
    /// A name is not an identifier.
    #[error(transparent)]
    Id(#[from] InvalidId),
    /// A variable's name is not an identifier.
    #[error(
        "the variable {0:?} must be lower-case words joined by `_`, each beginning with a letter"
    )]
    VariableId(String),
    /// A variable is required and has a default, or neither.
    #[error("the variable {0:?} must be `required` or have a `default`")]
    RequiredOrDefault(String),
    /// A variable's name or template is invalid.
    #[error(transparent)]
    Variable(#[from] VariableError),
    /// A route has no component.
    #[error("the route {0:?} has no component")]
    NoComponent(String),
    /// A component of this name does not exist.
    #[error("there is no component `{0}`")]
    UnknownComponent(ComponentId),
    /// A store is not configured.
    #[error(
        "unknown key_value_stores label {0:?}: without a runtime configuration there is only `default`"
    )]
    UnknownStore(String),
    /// An entry of `allowed_outbound_hosts` is invalid.
    #[error(transparent)]
    Host(#[from] InvalidHost),
    /// Two dependencies satisfy the same import.
    #[error("the dependencies {} and {} conflict", .0.0, .0.1)]
    Overlap(Box<(DependencyName, DependencyName)>),
    /// A dependency on a whole package names an export.
    #[error("the dependency {0} means a whole package and must not name an export")]
    ExportOfPackage(DependencyName),
    /// Both ways of inheriting are used.
    #[error("`dependencies_inherit_configuration` and `inherit_configuration` exclude each other")]
    InheritTwice,
    /// A dependency has a configuration of its own.
    #[error(
        "the component `{component}` cannot be a dependency, because it has {member} of its own"
    )]
    DependencyHasResources {
        /// The dependency.
        component: ComponentId,
        /// The member of the configuration.
        member: &'static str,
    },
    /// A component has one of these errors.
    #[error("component `{component}`: {source}")]
    Component {
        /// The component.
        component: ComponentId,
        /// The error.
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
