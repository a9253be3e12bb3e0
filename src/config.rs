//! The configuration: Spin variables, by fixed names, parsed into types.

use http::Uri;

use crate::{
    auth::{Issuers, IssuersError},
    order::EmailAddress,
};

/// The variables' texts, as the host has them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the variable of its name")]
pub struct Variables {
    pub bearer_issuers: String,
    pub platform_issuers: String,
    pub required_scopes: String,
    pub public_base_url: String,
    pub default_from_address: String,
    pub max_body_bytes: String,
}

/// A configuration that can be worked with.
#[derive(Debug)]
pub struct Config {
    /// Whose bearers are trusted.
    pub bearer_issuers: Issuers,
    /// Whose platform access tokens are trusted.
    pub platform_issuers: Issuers,
    /// Any one of these lets a bearer in.
    pub required_scopes: Vec<String>,
    /// What links begin with; empty, or without a slash at its end.
    pub public_base_url: String,
    /// Whom emails are from.
    pub default_from_address: EmailAddress,
    /// The most bytes that a request's body may have.
    pub max_body_bytes: usize,
}

/// Which variable cannot be used, and why.
#[derive(Debug, thiserror::Error)]
#[error("variable {variable}: {reason}")]
pub struct ConfigError {
    variable: &'static str,
    reason: String,
}

impl ConfigError {
    /// An error of one variable.
    pub fn new(variable: &'static str, reason: impl ToString) -> Self {
        Self {
            variable,
            reason: reason.to_string(),
        }
    }
}

impl Config {
    /// Parses the variables.
    pub fn parse(variables: &Variables) -> Result<Self, ConfigError> {
        let bearer_issuers = issuers("bearer_issuers", &variables.bearer_issuers)?;
        let platform_issuers = issuers("platform_issuers", &variables.platform_issuers)?;
        platform_issuers
            .disjoint_from(&bearer_issuers)
            .map_err(|error| ConfigError::new("platform_issuers", error))?;
        Ok(Self {
            bearer_issuers,
            platform_issuers,
            required_scopes: variables
                .required_scopes
                .split_ascii_whitespace()
                .map(str::to_owned)
                .collect(),
            public_base_url: base_url(&variables.public_base_url)?,
            default_from_address: EmailAddress::parse(&variables.default_from_address)
                .map_err(|error| ConfigError::new("default_from_address", error))?,
            max_body_bytes: match variables.max_body_bytes.trim().parse() {
                Ok(0) | Err(_) => {
                    let reason = "must be a number of bytes, at least 1";
                    return Err(ConfigError::new("max_body_bytes", reason));
                }
                Ok(bytes) => bytes,
            },
        })
    }
}

fn issuers(variable: &'static str, json: &str) -> Result<Issuers, ConfigError> {
    let named = |error: IssuersError| ConfigError::new(variable, error);
    Issuers::parse(json).map_err(named)
}

fn base_url(text: &str) -> Result<String, ConfigError> {
    let url = text.trim().trim_end_matches('/');
    if url.is_empty() {
        return Ok(String::new());
    }
    let absolute = url.parse().is_ok_and(|uri: Uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some()
            && uri.query().is_none()
    });
    if absolute && !url.contains('#') {
        Ok(url.to_owned())
    } else {
        let reason = "must be an absolute http or https URL without a query, or empty";
        Err(ConfigError::new("public_base_url", reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defaults() -> Variables {
        Variables {
            bearer_issuers: "[]".to_owned(),
            platform_issuers: "[]".to_owned(),
            required_scopes: "a b".to_owned(),
            public_base_url: String::new(),
            default_from_address: "noreply@altinn.cloud".to_owned(),
            max_body_bytes: "262144".to_owned(),
        }
    }

    #[test]
    fn the_defaults_parse() {
        let config = Config::parse(&defaults()).unwrap();
        assert_eq!(config.required_scopes, ["a", "b"]);
        assert_eq!(config.public_base_url, "");
        assert_eq!(config.max_body_bytes, 262_144);
    }

    #[test]
    fn a_base_url_has_no_slash_at_its_end() {
        for (text, parsed) in [
            ("https://api.example.no", Some("https://api.example.no")),
            ("https://api.example.no/", Some("https://api.example.no")),
            ("http://127.0.0.1:3000/x", Some("http://127.0.0.1:3000/x")),
            (" ", Some("")),
            ("api.example.no", None),
            ("/x", None),
            ("ftp://example.no", None),
            ("https://api.example.no?x=1", None),
            ("https://api.example.no/#x", None),
        ] {
            let variables = Variables {
                public_base_url: text.to_owned(),
                ..defaults()
            };
            let config = Config::parse(&variables);
            assert_eq!(
                config.ok().map(|config| config.public_base_url).as_deref(),
                parsed,
                "{text}"
            );
        }
    }

    #[test]
    fn an_error_names_its_variable() {
        let broken: [(&str, fn(&mut Variables)); 5] = [
            ("bearer_issuers", |v| v.bearer_issuers = "{".to_owned()),
            ("platform_issuers", |v| {
                v.platform_issuers = "[{}]".to_owned()
            }),
            ("public_base_url", |v| v.public_base_url = "x".to_owned()),
            ("default_from_address", |v| {
                v.default_from_address = "x".to_owned()
            }),
            ("max_body_bytes", |v| v.max_body_bytes = "0".to_owned()),
        ];
        for (name, breaks) in broken {
            let mut variables = defaults();
            breaks(&mut variables);
            let error = Config::parse(&variables).unwrap_err().to_string();
            assert!(error.starts_with(&format!("variable {name}: ")), "{error}");
        }
    }
}
