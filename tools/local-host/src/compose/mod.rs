//! Composing a component with its dependencies, as Spin does when it loads an
//! application.
//!
//! Each dependency is instantiated once, behind a wall that denies it whatever
//! it does not inherit, and its exports take the place of the dependent's
//! imports. What comes out exports what the dependent exports.
//!
//! The component is registered under its id, and each dependency under the name
//! of its WIT package, as Spin 4.1 registers them: two dependencies of one
//! package are an error, whichever of its interfaces they export.

mod capabilities;
mod deny;
mod error;
mod files;
mod graph;

pub use error::ComposeError;
pub use files::FileError;

use crate::manifest::{Component, ComponentId};

/// Reads the component's bytes and composes its dependencies in.
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
