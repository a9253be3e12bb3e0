//! Checks a component's dependencies.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use super::{
    ComponentId, Dependency, DependencyName, Inherit, ManifestError, components::source_path,
    document,
};

/// Checks the dependencies of a component; `others` are the application's.
pub(super) fn dependencies(
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
            Inherit::Only(BTreeSet::new())
        }
    };
    Ok(Dependency {
        name: name.clone(),
        path,
        export: export.clone(),
        inherit,
    })
}

/// Refuses a dependency that has a configuration of its own: it would silently not apply, because a
/// dependency uses the dependent's configuration or none.
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
