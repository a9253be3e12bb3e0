//! Composing a component with its dependencies.

use std::path::Path;

use crate::{manifest::Component, runtime::LoadError};

/// Why a component and its dependencies do not fit.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// Not yet.
    #[error("dependencies")]
    Dependencies,
}

/// The component's bytes, its dependencies composed in.
pub(crate) fn load(component: &Component) -> Result<Vec<u8>, LoadError> {
    if !component.dependencies.is_empty() {
        return Err(ComposeError::Dependencies.into());
    }
    read(&component.source)
}

fn read(path: &Path) -> Result<Vec<u8>, LoadError> {
    std::fs::read(path).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => LoadError::Missing(path.to_owned()),
        _ => LoadError::Read {
            path: path.to_owned(),
            source,
        },
    })
}
