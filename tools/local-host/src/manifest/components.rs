//! Checks the components of a manifest.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    Component, ComponentId, Id, ManifestError,
    dependencies::dependencies,
    document::{self, Source},
};
use crate::{
    network::{AllowedHost, means_nowhere},
    variables::{Name, Template, Variables},
};

/// Checks a component; `known` are the application's variables.
pub(super) fn component(
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

/// Returns the path of a component's file.
pub(super) fn source_path(source: &Source, folder: &Path) -> Result<PathBuf, ManifestError> {
    match source {
        Source::Path(path) => Ok(folder.join(path)),
        Source::Elsewhere(table) => Err(ManifestError::unsupported(format!(
            "a source that is not a file: {table}"
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
    // With its default values it must be a valid entry. Without defaults it is checked at the first
    // request.
    let Ok(resolved) = known.resolve_defaults(&template) else {
        return Ok(template);
    };
    if template.is_literal() || !means_nowhere(&resolved) {
        AllowedHost::parse(&resolved)?;
    }
    Ok(template)
}
