//! Why components do not fit together.

use super::files::FileError;
use crate::manifest::Dependency;

/// Why a component and its dependencies do not fit together.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// A file is missing or unreadable.
    #[error(transparent)]
    File(#[from] FileError),
    /// A dependency that nothing asks for.
    #[error("the dependency {0} matches none of the component's imports")]
    Unmatched(String),
    /// A dependency without the export.
    #[error(
        "the dependency {dependency} does not export {export}, which shall satisfy the import {import}"
    )]
    MissingExport {
        /// The dependency.
        dependency: String,
        /// What it should export.
        export: String,
        /// What it should satisfy.
        import: String,
    },
    /// An export of another type than the import.
    #[error(
        "the dependency {dependency} exports {export} otherwise than the component imports it: {reason:#}"
    )]
    Incompatible {
        /// The dependency.
        dependency: String,
        /// The export.
        export: String,
        /// Where the types differ.
        reason: anyhow::Error,
    },
    /// A dependency that is no component, cannot be walled in, or is of the same package as
    /// another.
    #[error("the dependency {dependency}: {reason:#}")]
    Dependency {
        /// The dependency.
        dependency: String,
        /// What is wrong with it.
        reason: anyhow::Error,
    },
    /// The whole cannot be put together.
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
