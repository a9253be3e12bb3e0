//! The manifest, `spin.toml`, version 2.
//!
//! [`Manifest::read`] gives an application that this host can run exactly as
//! Spin would. What Spin would refuse is refused, and so is everything that
//! Spin would do and this host does not: nothing in a manifest is ignored
//! that would change what the application does.

mod dependency;
mod document;
mod error;
mod id;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

pub use dependency::{Dependency, DependencyName, Inherit};
pub use error::ManifestError;
pub use id::{ComponentId, Id};

use document::{Document, HttpTrigger, Source};

use crate::{
    network::AllowedHost,
    variables::{Name, Template, Variables},
};

/// An application, read and checked.
#[derive(Debug)]
pub struct Manifest {
    /// The application's name.
    pub name: String,
    /// The application's version, maybe empty.
    pub version: String,
    /// The application's variables with their defaults; none means required.
    pub variables: BTreeMap<Name, Option<String>>,
    /// What is served where, in the manifest's order.
    pub routes: Vec<Route>,
    /// The components that a route leads to.
    pub components: BTreeMap<ComponentId, Component>,
}

/// A route and the component behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The path pattern as written.
    pub pattern: String,
    /// The component.
    pub component: ComponentId,
}

/// What a component is made of and what it may use.
#[derive(Clone, Debug)]
pub struct Component {
    /// The component's file.
    pub source: PathBuf,
    /// One line about it, maybe empty.
    pub description: String,
    /// Its variables.
    pub variables: BTreeMap<Name, Template>,
    /// Its environment.
    pub environment: BTreeMap<String, String>,
    /// Where it may connect to.
    pub allowed_outbound_hosts: Vec<Template>,
    /// The stores it may open.
    pub key_value_stores: Vec<String>,
    /// The components composed into it.
    pub dependencies: Vec<Dependency>,
}

impl Manifest {
    /// Reads and checks a manifest; paths in it are relative to its folder.
    pub fn read(path: &Path) -> Result<Self, ManifestError> {
        let text = std::fs::read_to_string(path)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, folder)
    }

    fn parse(text: &str, folder: &Path) -> Result<Self, ManifestError> {
        let document: Document = toml::from_str(text)?;
        if document.spin_manifest_version != 2 {
            return Err(ManifestError::Version(document.spin_manifest_version));
        }
        refuse_triggers(&document)?;
        let variables = application_variables(document.variables)?;
        let known = Variables::new(variables.clone(), BTreeMap::new());
        let routes = document
            .trigger
            .into_values()
            .flatten()
            .map(route)
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
                component(written, folder, &known, &document.component)
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

fn refuse_triggers(document: &Document) -> Result<(), ManifestError> {
    if let Some(kind) = document.trigger.keys().find(|kind| *kind != "http") {
        return Err(ManifestError::unsupported(format!("[[trigger.{kind}]]")));
    }
    match document.application.trigger.keys().next() {
        Some(kind) => Err(ManifestError::unsupported(format!(
            "[application.trigger.{kind}]"
        ))),
        None => Ok(()),
    }
}

fn application_variables(
    written: BTreeMap<String, document::Variable>,
) -> Result<BTreeMap<Name, Option<String>>, ManifestError> {
    written
        .into_iter()
        .map(|(name, variable)| {
            // A variable is an identifier of its own kind as well.
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

fn route(trigger: toml::Table) -> Result<Route, ManifestError> {
    let trigger: HttpTrigger = trigger.try_into()?;
    let refused = [
        ("components", trigger.components.is_some()),
        ("dependencies", trigger.dependencies.is_some()),
        ("static_response", trigger.static_response.is_some()),
    ];
    if let Some((member, _)) = refused.into_iter().find(|(_, present)| *present) {
        return Err(ManifestError::unsupported(format!("{member} of a trigger")));
    }
    if let Some(executor) = trigger.executor.filter(|e| e.kind != "http") {
        return Err(ManifestError::unsupported(format!(
            "the executor {:?}",
            executor.kind
        )));
    }
    let toml::Value::String(pattern) = trigger.route else {
        return Err(ManifestError::unsupported("a private route"));
    };
    match trigger.component {
        Some(toml::Value::String(component)) => Ok(Route {
            pattern,
            component: ComponentId::try_from(component)?,
        }),
        Some(_) => Err(ManifestError::unsupported("a component inside a trigger")),
        None => Err(ManifestError::NoComponent(pattern)),
    }
}

fn component(
    written: &document::Component,
    folder: &Path,
    known: &Variables,
    others: &BTreeMap<ComponentId, document::Component>,
) -> Result<Component, ManifestError> {
    let refused = [
        ("files", !written.files.is_empty()),
        ("exclude_files", !written.exclude_files.is_empty()),
        ("allowed_http_hosts", !written.allowed_http_hosts.is_empty()),
        ("sqlite_databases", !written.sqlite_databases.is_empty()),
        ("ai_models", !written.ai_models.is_empty()),
    ];
    if let Some((member, _)) = refused.into_iter().find(|(_, present)| *present) {
        return Err(ManifestError::unsupported(member));
    }
    if let Some(label) = written.key_value_stores.iter().find(|l| *l != "default") {
        return Err(ManifestError::UnknownStore(label.clone()));
    }
    Ok(Component {
        source: source_path(&written.source, folder)?,
        description: written.description.clone(),
        variables: component_variables(&written.variables, known)?,
        environment: written.environment.clone(),
        allowed_outbound_hosts: written
            .allowed_outbound_hosts
            .iter()
            .map(|entry| allowed_host(entry, known))
            .collect::<Result<_, _>>()?,
        key_value_stores: written.key_value_stores.clone(),
        dependencies: dependencies(written, folder, others)?,
    })
}

fn source_path(source: &Source, folder: &Path) -> Result<PathBuf, ManifestError> {
    match source {
        Source::Path(path) => Ok(folder.join(path)),
        Source::Elsewhere(table) => Err(ManifestError::unsupported(format!(
            "a source that is no file: {table}"
        ))),
    }
}

fn component_variables(
    written: &BTreeMap<String, String>,
    known: &Variables,
) -> Result<BTreeMap<Name, Template>, ManifestError> {
    written
        .iter()
        .map(|(name, text)| {
            if !Id::<'_'>::is_valid(name) {
                return Err(ManifestError::VariableId(name.clone()));
            }
            let template = Template::parse(text)?;
            known.validate(&template)?;
            Ok((Name::try_from(name.clone())?, template))
        })
        .collect()
}

fn allowed_host(entry: &str, known: &Variables) -> Result<Template, ManifestError> {
    let template = Template::parse(entry)?;
    known.validate(&template)?;
    // What its default values give must be an entry too; without defaults only
    // a request can tell.
    let Ok(resolved) = known.resolve_defaults(&template) else {
        return Ok(template);
    };
    if template.is_literal() || !crate::network::means_nowhere(&resolved) {
        let host = AllowedHost::parse(&resolved)?;
        if host.is_service_chaining() {
            return Err(ManifestError::unsupported("service chaining"));
        }
    }
    Ok(template)
}

fn dependencies(
    written: &document::Component,
    folder: &Path,
    others: &BTreeMap<ComponentId, document::Component>,
) -> Result<Vec<Dependency>, ManifestError> {
    let names: Vec<_> = written.dependencies.keys().collect();
    for (index, name) in names.iter().enumerate() {
        if let Some(other) = names[index + 1..].iter().find(|o| name.overlaps(o)) {
            return Err(ManifestError::Overlap(Box::new((
                (*name).clone(),
                (*other).clone(),
            ))));
        }
    }
    written
        .dependencies
        .iter()
        .map(|(name, dependency)| dependency_of(name, dependency, written, folder, others))
        .collect()
}

fn dependency_of(
    name: &DependencyName,
    dependency: &document::Dependency,
    dependent: &document::Component,
    folder: &Path,
    others: &BTreeMap<ComponentId, document::Component>,
) -> Result<Dependency, ManifestError> {
    let (path, export, own) = match dependency {
        document::Dependency::File {
            path,
            export,
            inherit_configuration,
        } => {
            if export.is_some() && name.is_package() {
                return Err(ManifestError::ExportOfPackage(name.clone()));
            }
            (folder.join(path), export, inherit_configuration)
        }
        document::Dependency::Component {
            component: id,
            export,
            inherit_configuration,
        } => {
            let component = others
                .get(id)
                .ok_or_else(|| ManifestError::UnknownComponent(id.clone()))?;
            refuse_resources(id, component)?;
            (
                source_path(&component.source, folder)?,
                export,
                inherit_configuration,
            )
        }
        document::Dependency::Elsewhere(value) => {
            return Err(ManifestError::unsupported(format!(
                "a dependency that is neither a file nor a component of the manifest: {value}"
            )));
        }
    };
    let inherit = match (dependent.dependencies_inherit_configuration, own) {
        (Some(_), Some(_)) => return Err(ManifestError::InheritTwice),
        (Some(true), None) | (None, Some(document::Inherit::All(true))) => Inherit::All,
        (None, Some(document::Inherit::Some(names))) => {
            Inherit::Only(names.iter().cloned().collect())
        }
        (Some(false) | None, None) | (None, Some(document::Inherit::All(false))) => {
            Inherit::Only(std::collections::BTreeSet::new())
        }
    };
    Ok(Dependency {
        name: name.clone(),
        path,
        export: export.clone(),
        inherit,
    })
}

/// A component that serves as a dependency uses the dependent's configuration
/// or none; one of its own would silently not apply.
fn refuse_resources(
    id: &ComponentId,
    component: &document::Component,
) -> Result<(), ManifestError> {
    let own = [
        ("ai_models", !component.ai_models.is_empty()),
        (
            "allowed_http_hosts",
            !component.allowed_http_hosts.is_empty(),
        ),
        (
            "allowed_outbound_hosts",
            !component.allowed_outbound_hosts.is_empty(),
        ),
        ("dependencies", !component.dependencies.is_empty()),
        ("environment", !component.environment.is_empty()),
        ("files", !component.files.is_empty()),
        ("key_value_stores", !component.key_value_stores.is_empty()),
        ("sqlite_databases", !component.sqlite_databases.is_empty()),
        ("variables", !component.variables.is_empty()),
    ];
    match own.into_iter().find(|(_, present)| *present) {
        Some((member, _)) => Err(ManifestError::DependencyHasResources {
            component: id.clone(),
            member,
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
