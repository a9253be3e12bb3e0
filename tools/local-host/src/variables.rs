//! Application variables: names, templates, and their resolution.
//!
//! A component's variable is a [`Template`] over the application's variables. A value that is given at
//! the start or set later takes precedence over the manifest's default. Each read resolves the
//! template again, because values may change while the application runs.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use crate::{
    calls::Call,
    faults::{Injected, Probe},
};

/// Why a variable has no value, with a case for each case of the WIT interface.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VariableError {
    /// The name is invalid.
    #[error("{name:?}: {reason}")]
    InvalidName {
        /// The name.
        name: String,
        /// The rule that it breaks.
        reason: String,
    },
    /// The template is invalid, or names an unknown variable.
    #[error("invalid variable template: {0}")]
    InvalidTemplate(String),
    /// The component has no such variable.
    #[error("{0}")]
    Undefined(String),
    /// A required variable of the application has no value.
    #[error("no value for the required variable {0:?}")]
    NoValue(String),
    /// A hook injected a fault.
    #[error(transparent)]
    Injected(#[from] Injected),
}

/// A variable's name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name(String);

impl Name {
    /// Returns the name.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Name {
    type Error = VariableError;

    fn try_from(name: String) -> Result<Self, VariableError> {
        let is_invalid = |c: &char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_');
        let reason = if name.is_empty() {
            "must not be empty".to_owned()
        } else if let Some(c) = name.chars().find(is_invalid) {
            format!("invalid character {c:?}; only lower-case letters, digits and underscores")
        } else if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
            "must start with a lower-case letter".to_owned()
        } else if name.ends_with('_') {
            "must end with a lower-case letter or digit".to_owned()
        } else if name.contains("__") {
            "must not contain consecutive underscores".to_owned()
        } else {
            return Ok(Self(name));
        };
        Err(VariableError::InvalidName { name, reason })
    }
}

/// Text that may contain `{{ name }}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Variable(String),
}

impl Template {
    /// Parses a template.
    pub(crate) fn parse(text: &str) -> Result<Self, VariableError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (literal, after) = rest.split_at(rest.find("{{").unwrap_or(rest.len()));
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.to_owned()));
            }
            rest = after;
            if let Some(expression) = after.strip_prefix("{{") {
                let (name, after) = expression.split_once("}}").ok_or_else(|| {
                    VariableError::InvalidTemplate(format!("unmatched '{{{{' in {text:?}"))
                })?;
                parts.push(Part::Variable(name.trim().to_owned()));
                rest = after;
            }
        }
        Ok(Self(parts))
    }

    /// Returns whether the template contains no variable.
    #[must_use]
    pub(crate) fn is_literal(&self) -> bool {
        self.0.iter().all(|part| matches!(part, Part::Literal(_)))
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Literal(_) => None,
            Part::Variable(name) => Some(name.as_str()),
        })
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Literal(text) => f.write_str(text),
            Part::Variable(name) => write!(f, "{{{{ {name} }}}}"),
        })
    }
}

/// The application's variables, with their defaults and values.
#[derive(Clone, Debug)]
pub(crate) struct Variables {
    defaults: Arc<BTreeMap<Name, Option<String>>>,
    values: Arc<RwLock<BTreeMap<String, String>>>,
}

impl Variables {
    /// Creates the variables from the manifest's `defaults`, where `None` means required, and the
    /// `values` that the application is started with.
    #[must_use]
    pub(crate) fn new(
        defaults: BTreeMap<Name, Option<String>>,
        values: BTreeMap<String, String>,
    ) -> Self {
        Self {
            defaults: Arc::new(defaults),
            values: Arc::new(RwLock::new(values)),
        }
    }

    /// Fails for the first required variable that has no value.
    pub(crate) fn ensure_required(&self) -> Result<(), VariableError> {
        self.defaults
            .keys()
            .try_for_each(|name| self.resolve_name(name.as_str()).map(drop))
    }

    /// Fails if the template names a variable that the manifest does not declare.
    pub(crate) fn validate(&self, template: &Template) -> Result<(), VariableError> {
        match template
            .names()
            .find(|name| self.default_of(name).is_none())
        {
            Some(name) => Err(VariableError::InvalidTemplate(format!(
                "unknown variable {name:?}"
            ))),
            None => Ok(()),
        }
    }

    /// Resolves a template with the current values.
    pub(crate) fn resolve(&self, template: &Template) -> Result<String, VariableError> {
        template.0.iter().try_fold(String::new(), |mut text, part| {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Variable(name) => text.push_str(&self.resolve_name(name)?),
            }
            Ok(text)
        })
    }

    /// Resolves a template with the defaults alone.
    pub(crate) fn resolve_defaults(&self, template: &Template) -> Result<String, VariableError> {
        Self {
            defaults: Arc::clone(&self.defaults),
            values: Arc::default(),
        }
        .resolve(template)
    }

    /// Sets the value of a variable.
    pub(crate) fn set(&self, name: impl Into<String>, value: impl Into<String>) {
        self.values
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name.into(), value.into());
    }

    fn resolve_name(&self, name: &str) -> Result<String, VariableError> {
        let default = self
            .default_of(name)
            .ok_or_else(|| VariableError::InvalidTemplate(format!("unknown variable {name:?}")))?;
        let values = self.values.read().unwrap_or_else(PoisonError::into_inner);
        values
            .get(name)
            .cloned()
            .or_else(|| default.clone())
            .ok_or_else(|| VariableError::NoValue(name.to_owned()))
    }

    fn default_of(&self, name: &str) -> Option<&Option<String>> {
        self.defaults
            .iter()
            .find_map(|(known, default)| (known.as_str() == name).then_some(default))
    }
}

/// The variables of one component.
#[derive(Clone)]
pub(crate) struct ComponentVariables {
    pub(crate) component: Arc<str>,
    pub(crate) templates: Arc<BTreeMap<Name, Template>>,
    pub(crate) variables: Variables,
    pub(crate) probe: Arc<Probe>,
}

impl ComponentVariables {
    /// Returns the current value.
    pub(crate) async fn get(&self, name: String) -> Result<String, VariableError> {
        let subject = name.clone();
        let get = async {
            let name = Name::try_from(name)?;
            let template = self.templates.get(&name).ok_or_else(|| {
                let Name(name) = &name;
                VariableError::Undefined(format!("no variable for {:?}.{name:?}", self.component))
            })?;
            self.variables.resolve(template)
        };
        self.probe
            .observe(Call::VariableGet, &self.component, &[&subject], get)
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        text.to_owned().try_into().unwrap()
    }

    fn variables(values: &[(&str, &str)]) -> Variables {
        let defaults = [
            (name("host"), Some("localhost".to_owned())),
            (name("key"), None),
        ];
        let values = values.iter().map(|(k, v)| ((*k).into(), (*v).into()));
        Variables::new(defaults.into(), values.collect())
    }

    #[test]
    fn name_accepts_snake_case_only() {
        for valid in ["a", "a1", "public_base_url", "a_1"] {
            assert!(Name::try_from(valid.to_owned()).is_ok(), "{valid}");
        }
        for invalid in ["", "A", "1a", "_a", "a_", "a__b", "a-b", "å"] {
            assert!(Name::try_from(invalid.to_owned()).is_err(), "{invalid}");
        }
    }

    #[test]
    fn resolve_prefers_the_latest_value_to_the_default() {
        let template = Template::parse("http://{{ host }}:{{key}}/").unwrap();
        let variables = variables(&[("key", "80")]);
        assert_eq!(
            variables.resolve(&template).unwrap(),
            "http://localhost:80/"
        );
        variables.set("host", "example.no");
        assert_eq!(
            variables.resolve(&template).unwrap(),
            "http://example.no:80/"
        );
    }

    #[test]
    fn ensure_required_fails_without_value() {
        let unset = variables(&[]).ensure_required();
        assert_eq!(unset, Err(VariableError::NoValue("key".into())));
        assert!(variables(&[("key", "")]).ensure_required().is_ok());
    }

    #[test]
    fn template_must_be_closed_and_name_known_variables() {
        assert!(Template::parse("{{ host }} {{ open").is_err());
        let unknown = Template::parse("{{ nobody }}").unwrap();
        assert!(variables(&[]).validate(&unknown).is_err());
        assert!(Template::parse("plain }} text").unwrap().is_literal());
    }
}
