//! Composes a component with its dependencies, as Spin does when it loads an application.
//!
//! Each dependency is instantiated once, and its exports satisfy imports of the dependent. An adapter
//! denies it the interfaces that it does not inherit. The composition has the exports of the
//! dependent.
//!
//! As on Spin 4.1, the component is registered under its id, and each dependency under the name of its
//! WIT package. Two dependencies of one package are therefore an error, whichever of its interfaces
//! they export.

mod capabilities;
mod deny;
mod error;
mod files;
mod graph;

pub use error::ComposeError;
pub use files::FileError;

use crate::manifest::{Component, ComponentId};

/// Reads a component, and composes it with its dependencies.
pub(crate) fn load(id: &ComponentId, component: &Component) -> Result<Vec<u8>, ComposeError> {
    let main = files::read(&component.source)?;
    if component.dependencies.is_empty() {
        return Ok(main);
    }
    let dependencies = component
        .dependencies
        .iter()
        .map(|dependency| {
            let bytes = files::read(&dependency.path)?;
            let confined = deny::confine(bytes, &dependency.inherit)
                .map_err(|error| ComposeError::confine(dependency, error))?;
            Ok((dependency, confined))
        })
        .collect::<Result<Vec<_>, ComposeError>>()?;
    graph::compose(id.as_str(), main, &dependencies)
}

#[cfg(test)]
mod tests;
