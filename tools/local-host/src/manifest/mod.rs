//! Reads the manifest, `spin.toml`, version 2.
//!
//! [`Manifest::read`] returns an application that this host runs as Spin does. It refuses what Spin
//! refuses, and features of Spin that this host lacks. It ignores only members that do not change what
//! the application does.

mod components;
mod dependencies;
mod dependency;
mod document;
mod error;
mod id;
mod triggers;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

pub use dependency::DependencyName;
pub(crate) use dependency::{Dependency, Inherit};
pub use error::ManifestError;
pub use id::{ComponentId, Id, InvalidId};

use document::Document;

use crate::variables::{Name, Template, Variables};

/// A checked application.
#[derive(Debug)]
pub(crate) struct Manifest {
    /// The application's name.
    pub name: String,
    /// The application's version, possibly empty.
    pub version: String,
    /// The application's variables with their defaults; `None` means required.
    pub variables: BTreeMap<Name, Option<String>>,
    /// The routes, in the manifest's order.
    pub routes: Vec<Route>,
    /// The components that a route leads to.
    pub components: BTreeMap<ComponentId, Component>,
}

/// A route and its component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    /// The path pattern.
    pub pattern: String,
    /// The component.
    pub component: ComponentId,
}

/// A component's files and configuration.
#[derive(Clone, Debug)]
pub(crate) struct Component {
    /// The component's file.
    pub source: PathBuf,
    /// The description, possibly empty.
    pub description: String,
    /// Its variables.
    pub variables: BTreeMap<Name, Template>,
    /// Its environment.
    pub environment: BTreeMap<String, String>,
    /// The hosts that it may connect to.
    pub allowed_outbound_hosts: Vec<Template>,
    /// The stores it may open.
    pub key_value_stores: Vec<String>,
    /// The components that are composed into it.
    pub dependencies: Vec<Dependency>,
}

impl Manifest {
    /// Reads and checks a manifest, whose paths are relative to its folder.
    pub(crate) fn read(path: &Path) -> Result<Self, ManifestError> {
        let text = std::fs::read_to_string(path)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, folder)
    }

    fn parse(text: &str, folder: &Path) -> Result<Self, ManifestError> {
        let document: Document = toml::from_str(text)?;
        if document.spin_manifest_version != 2 {
            return Err(ManifestError::Version(document.spin_manifest_version));
        }
        triggers::refuse_others(&document)?;
        let variables = application_variables(document.variables)?;
        let known = Variables::new(variables.clone(), BTreeMap::new());
        let routes = document
            .trigger
            .into_values()
            .flatten()
            .map(triggers::route)
            .collect::<Result<Vec<_>, _>>()?;
        if let Some(route) = routes
            .iter()
            .find(|route| !document.component.contains_key(&route.component))
        {
            return Err(ManifestError::UnknownComponent(route.component.clone()));
        }
        let components = document
            .component
            .iter()
            .filter(|(id, _)| routes.iter().any(|route| route.component == **id))
            .map(|(id, written)| {
                components::component(written, folder, &known, &document.component)
                    .map(|component| (id.clone(), component))
                    .map_err(|error| error.in_component(id))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            name: document.application.name,
            version: document.application.version,
            variables,
            routes,
            components,
        })
    }
}

fn application_variables(
    written: BTreeMap<String, document::Variable>,
) -> Result<BTreeMap<Name, Option<String>>, ManifestError> {
    written
        .into_iter()
        .map(|(name, variable)| {
            // The manifest restricts names of variables further than `Name`.
            if !Id::<'_'>::is_valid(&name) {
                return Err(ManifestError::VariableId(name));
            }
            if variable.required == variable.default.is_some() {
                return Err(ManifestError::RequiredOrDefault(name));
            }
            Ok((Name::try_from(name)?, variable.default))
        })
        .collect()
}

#[cfg(test)]
mod tests;
