//! The errors of a composition.

use super::files::FileError;
use crate::manifest::Dependency;

/// Why a component cannot be composed with its dependencies.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// A file is missing or unreadable.
    #[error(transparent)]
    File(#[from] FileError),
    /// The component does not import what a dependency offers.
    #[error("the dependency {0} matches none of the component's imports")]
    Unmatched(String),
    /// A dependency lacks an export.
    #[error(
        "the dependency {dependency} does not export {export}, which the import {import} needs"
    )]
    MissingExport {
        /// The dependency.
        dependency: String,
        /// The missing export.
        export: String,
        /// The import that it would satisfy.
        import: String,
    },
    /// An export has another type than the import.
    #[error(
        "the dependency {dependency} exports {export} with another type than the component imports: {reason:#}"
    )]
    Incompatible {
        /// The dependency.
        dependency: String,
        /// The export.
        export: String,
        /// The difference of the types.
        reason: anyhow::Error,
    },
    /// A dependency is not a component, cannot be confined, or has the same package as another.
    #[error("the dependency {dependency}: {reason:#}")]
    Dependency {
        /// The dependency.
        dependency: String,
        /// The reason.
        reason: anyhow::Error,
    },
    /// The composition is invalid.
    #[error("{0:#}")]
    Composition(anyhow::Error),
}

impl ComposeError {
    pub(super) fn confine(dependency: &Dependency, reason: anyhow::Error) -> Self {
        Self::Dependency {
            dependency: dependency.name.to_string(),
            reason,
        }
    }
}
