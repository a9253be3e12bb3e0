//! Composing a component with its dependencies, as Spin does when it loads an
//! application.
//!
//! Each dependency is instantiated once, behind a wall that denies it whatever
//! it does not inherit, and its exports take the place of the dependent's
//! imports. What comes out exports what the dependent exports.

mod capabilities;
mod deny;
mod error;
mod files;
mod graph;

pub use error::ComposeError;
pub use files::FileError;

use crate::manifest::Component;

/// The component's bytes, its dependencies composed in.
pub(crate) fn load(component: &Component) -> Result<Vec<u8>, ComposeError> {
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
    graph::compose(main, &dependencies)
}

#[cfg(test)]
mod tests;
