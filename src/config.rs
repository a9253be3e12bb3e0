//! The configuration: Spin variables, by fixed names, parsed into types.
//!
//! A variable that does not parse concerns only the requests that need it: each part of a
//! [`Config`] is there or is [`Unusable`]. An entry of a list of issuers that cannot be used
//! concerns only that issuer's tokens.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use http::Uri;

use crate::{
    auth::{Issuers, IssuersError, Seal, TriggerKeys, read_issuers},
    order::EmailAddress,
};

/// The variables' texts, as the host has them.
#[derive(Clone, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the variable of its name")]
pub struct Variables {
    pub bearer_issuers: String,
    pub platform_issuers: String,
    pub required_scopes: String,
    pub public_base_url: String,
    pub default_from_address: String,
    pub trigger_key: String,
    pub trigger_key_previous: String,
    pub max_body_bytes: String,
}

/// A variable that the host does not give.
#[derive(Debug, Clone, thiserror::Error)]
#[error("variable {variable}: {reason}")]
pub struct VariableError {
    /// Which.
    pub variable: &'static str,
    /// Why not, in the host's words.
    pub reason: String,
}

/// A configuration, of which any part may be unusable.
#[derive(Debug)]
pub struct Config {
    authorization: Option<Authorization>,
    trigger_keys: Option<TriggerKeys>,
    public_base_url: Option<String>,
    default_from_address: Option<EmailAddress>,
    max_body_bytes: Option<usize>,
}

/// What requests for orders are authorized by.
#[derive(Debug)]
pub struct Authorization {
    /// Whose bearers are trusted.
    pub bearer_issuers: Issuers,
    /// Whose platform access tokens are trusted.
    pub platform_issuers: Issuers,
    /// Any one of these lets a bearer in.
    pub required_scopes: Vec<String>,
}

/// A variable that a request needs does not parse; the log says which, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the configuration cannot be used")]
pub struct Unusable;

/// Which variable cannot be used, or which issuer in it, and why.
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
#[error("variable {variable}: {reason}")]
pub struct ConfigError {
    variable: &'static str,
    reason: String,
    /// A hash of the variable's value, to tell errors of different values apart.
    value: u64,
}

impl ConfigError {
    /// An error of one variable that has this value.
    pub fn new(variable: &'static str, value: &str, reason: impl ToString) -> Self {
        let mut hasher = DefaultHasher::new();
        value.hash(&mut hasher);
        Self {
            variable,
            reason: reason.to_string(),
            value: hasher.finish(),
        }
    }
}

impl Config {
    /// Parses the variables, and says all that is wrong with them.
    pub fn parse(variables: &Variables) -> (Self, Vec<ConfigError>) {
        let mut errors = Vec::new();
        let config = Self {
            authorization: authorization(variables, &mut errors),
            trigger_keys: TriggerKeys::new(&variables.trigger_key, &variables.trigger_key_previous),
            public_base_url: parsed(
                "public_base_url",
                &variables.public_base_url,
                base_url,
                &mut errors,
            ),
            default_from_address: parsed(
                "default_from_address",
                &variables.default_from_address,
                |text| EmailAddress::parse(text).map_err(|error| error.to_string()),
                &mut errors,
            ),
            max_body_bytes: parsed(
                "max_body_bytes",
                &variables.max_body_bytes,
                body_bytes,
                &mut errors,
            ),
        };
        (config, errors)
    }

    /// Returns what requests for orders are authorized by.
    pub fn authorization(&self) -> Result<&Authorization, Unusable> {
        self.authorization.as_ref().ok_or(Unusable)
    }

    /// Returns the trigger keys, if there are any.
    pub fn trigger_keys(&self) -> Option<&TriggerKeys> {
        self.trigger_keys.as_ref()
    }

    /// Returns what links begin with; empty, or without a slash at its end.
    pub fn public_base_url(&self) -> Result<&str, Unusable> {
        self.public_base_url.as_deref().ok_or(Unusable)
    }

    /// Returns the address that emails are from.
    pub fn default_from_address(&self) -> Result<&EmailAddress, Unusable> {
        self.default_from_address.as_ref().ok_or(Unusable)
    }

    /// Returns the most bytes that a request's body may have.
    pub fn max_body_bytes(&self) -> Result<usize, Unusable> {
        self.max_body_bytes.ok_or(Unusable)
    }
}

/// Parses one variable; what is wrong with it is added to the errors.
fn parsed<T, E: ToString>(
    variable: &'static str,
    value: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
    errors: &mut Vec<ConfigError>,
) -> Option<T> {
    parse(value)
        .map_err(|reason| errors.push(ConfigError::new(variable, value, reason)))
        .ok()
}

/// Reads both lists of issuers and the scopes. A request may present either credential, so that it
/// needs both lists.
fn authorization(variables: &Variables, errors: &mut Vec<ConfigError>) -> Option<Authorization> {
    let seal = Seal::new(&variables.trigger_key, &variables.trigger_key_previous);
    let (bearer, platform) = (&variables.bearer_issuers, &variables.platform_issuers);
    let (bearer_issuers, platform_issuers) = read_issuers(bearer, platform, seal);
    let mut usable = |variable, value: &str, issuers: Result<Issuers, IssuersError>| {
        let issuers = parsed(variable, value, |_| issuers, errors)?;
        errors.extend(issuers.unusable().map(|(issuer, error)| {
            ConfigError::new(variable, value, format_args!("issuer {issuer}: {error}"))
        }));
        Some(issuers)
    };
    // Each is read in any case, so that all errors are said.
    let bearer_issuers = usable("bearer_issuers", bearer, bearer_issuers);
    let platform_issuers = usable("platform_issuers", platform, platform_issuers);
    let required_scopes = parsed(
        "required_scopes",
        &variables.required_scopes,
        scopes,
        errors,
    );
    Some(Authorization {
        bearer_issuers: bearer_issuers?,
        platform_issuers: platform_issuers?,
        required_scopes: required_scopes?,
    })
}

/// Reads scopes (RFC 6749, section 3.3), which a challenge repeats in quotes.
fn scopes(text: &str) -> Result<Vec<String>, &'static str> {
    let scopes = text.split_ascii_whitespace();
    let is_scope = |scope: &str| {
        let mut bytes = scope.bytes();
        bytes.all(|byte| byte.is_ascii_graphic() && !b"\"\\".contains(&byte))
    };
    if scopes.clone().all(is_scope) {
        Ok(scopes.map(str::to_owned).collect())
    } else {
        Err("must be scopes, separated by spaces, without quotes or backslashes")
    }
}

fn body_bytes(text: &str) -> Result<usize, &'static str> {
    match text.trim().parse() {
        Ok(0) | Err(_) => Err("must be a number of bytes, at least 1"),
        Ok(bytes) => Ok(bytes),
    }
}

fn base_url(text: &str) -> Result<String, &'static str> {
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
        Err("must be an absolute http or https URL without a query, or empty")
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
            default_from_address: "noreply@altinn.cloud".to_owned(),
            max_body_bytes: "262144".to_owned(),
            ..Variables::default()
        }
    }

    /// The names of the parts that cannot be used.
    fn unusable(config: &Config) -> Vec<&'static str> {
        let parts = [
            ("authorization", config.authorization().is_ok()),
            ("public_base_url", config.public_base_url().is_ok()),
            (
                "default_from_address",
                config.default_from_address().is_ok(),
            ),
            ("max_body_bytes", config.max_body_bytes().is_ok()),
        ];
        let unusable = parts.into_iter().filter(|(_, usable)| !usable);
        unusable.map(|(name, _)| name).collect()
    }

    #[test]
    fn the_defaults_parse() {
        let (config, errors) = Config::parse(&defaults());
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(unusable(&config), [""; 0]);
        assert_eq!(config.authorization().unwrap().required_scopes, ["a", "b"]);
        assert_eq!(config.public_base_url(), Ok(""));
        assert_eq!(config.max_body_bytes(), Ok(262_144));
        assert_eq!(config.trigger_keys(), None);
    }

    #[test]
    fn a_base_url_has_no_slash_at_its_end() {
        for (text, parsed) in [
            ("https://api.example.no", Ok("https://api.example.no")),
            ("https://api.example.no/", Ok("https://api.example.no")),
            ("http://127.0.0.1:3000/x", Ok("http://127.0.0.1:3000/x")),
            (" ", Ok("")),
            ("api.example.no", Err(Unusable)),
            ("/x", Err(Unusable)),
            ("ftp://example.no", Err(Unusable)),
            ("https://api.example.no?x=1", Err(Unusable)),
            ("https://api.example.no/#x", Err(Unusable)),
        ] {
            let variables = Variables {
                public_base_url: text.to_owned(),
                ..defaults()
            };
            let (config, _) = Config::parse(&variables);
            assert_eq!(config.public_base_url(), parsed, "{text}");
        }
    }

    #[test]
    fn an_error_names_its_variable_and_leaves_the_others_usable() {
        let broken: [(&str, &str, fn(&mut Variables)); 6] = [
            ("required_scopes", "authorization", |v| {
                v.required_scopes = "a \"b\"".to_owned();
            }),
            ("bearer_issuers", "authorization", |v| {
                v.bearer_issuers = "{".to_owned();
            }),
            ("platform_issuers", "authorization", |v| {
                v.platform_issuers = "[{}]".to_owned();
            }),
            ("public_base_url", "public_base_url", |v| {
                v.public_base_url = "x".to_owned();
            }),
            ("default_from_address", "default_from_address", |v| {
                v.default_from_address = "x".to_owned();
            }),
            ("max_body_bytes", "max_body_bytes", |v| {
                v.max_body_bytes = "0".to_owned();
            }),
        ];
        for (name, part, breaks) in broken {
            let mut variables = defaults();
            breaks(&mut variables);
            let (config, errors) = Config::parse(&variables);
            assert_eq!(unusable(&config), [part]);
            let [error] = &errors[..] else {
                panic!("{errors:?}");
            };
            let error = error.to_string();
            assert!(error.starts_with(&format!("variable {name}: ")), "{error}");
        }
    }

    #[test]
    fn an_issuer_that_cannot_be_used_is_named_and_leaves_its_list_usable() {
        let variables = Variables {
            bearer_issuers: r#"[{"issuer":"https://a.test"}]"#.to_owned(),
            platform_issuers: r#"[{"issuer":"b","pem":"x"}]"#.to_owned(),
            ..defaults()
        };
        let (config, errors) = Config::parse(&variables);
        assert_eq!(unusable(&config), [""; 0]);
        let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(errors.len(), 2, "{errors:?}");
        for (error, start) in errors.iter().zip([
            "variable bearer_issuers: issuer https://a.test: ",
            "variable platform_issuers: issuer b: ",
        ]) {
            assert!(error.starts_with(start), "{error}");
        }
    }

    #[test]
    fn errors_of_two_values_differ() {
        let error = |value| ConfigError::new("public_base_url", value, "reason");
        assert_eq!(error("x"), error("x"));
        assert_ne!(error("x"), error("y"));
    }
}
