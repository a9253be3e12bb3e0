//! Reads triggers. Only HTTP triggers from a route to a component are supported.

use super::{
    ComponentId, ManifestError, Route,
    document::{Document, HttpTrigger},
};

/// Refuses triggers of other kinds, and settings for all triggers of a kind.
pub(super) fn refuse_others(document: &Document) -> Result<(), ManifestError> {
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

/// Reads one `[[trigger.http]]`.
pub(super) fn route(trigger: toml::Table) -> Result<Route, ManifestError> {
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
