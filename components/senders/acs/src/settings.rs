//! The configuration, from variables.

use std::time::Duration;

use sender_http::{Endpoint, InvalidEndpoint};

use crate::signature::{AccessKey, InvalidKey};

/// The maximum time to follow an operation, in seconds. Together with one request before and one
/// after, each at its time limit, it stays below the 30 seconds that a sender has.
const MAX_FOLLOW_SECONDS: u64 = 15;

/// The resource, and how to use it.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) endpoint: Endpoint,
    pub(crate) key: AccessKey,
    /// How long to follow an operation.
    pub(crate) follow: Duration,
}

/// The variable that cannot be used, and the reason.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidSettings {
    #[error("the variable acs_endpoint: {0}")]
    Endpoint(#[from] InvalidEndpoint),
    #[error("the variable acs_access_key: {0}")]
    Key(#[from] InvalidKey),
    #[error("the variable acs_follow_seconds is not a number from 0 to {MAX_FOLLOW_SECONDS}")]
    Follow,
}

impl Settings {
    /// Parses the variables `acs_endpoint`, `acs_access_key` and `acs_follow_seconds`.
    pub(crate) fn parse(endpoint: &str, key: &str, follow: &str) -> Result<Self, InvalidSettings> {
        let seconds = follow.trim().parse().map_err(|_| InvalidSettings::Follow)?;
        if seconds > MAX_FOLLOW_SECONDS {
            return Err(InvalidSettings::Follow);
        }
        Ok(Self {
            endpoint: endpoint.trim().parse()?,
            key: key.trim().parse()?,
            follow: Duration::from_secs(seconds),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_error_names_its_variable() {
        let endpoint = "https://name.example";
        for (settings, variable) in [
            (Settings::parse("", "a2V5", "10"), "acs_endpoint"),
            (Settings::parse(endpoint, "?", "10"), "acs_access_key"),
            (Settings::parse(endpoint, "", "10"), "acs_access_key"),
            (
                Settings::parse(endpoint, "a2V5", "16"),
                "acs_follow_seconds",
            ),
            (
                Settings::parse(endpoint, "a2V5", "-1"),
                "acs_follow_seconds",
            ),
        ] {
            let error = settings.unwrap_err().to_string();
            assert!(error.contains(variable), "{error}");
        }
        assert!(Settings::parse(endpoint, "a2V5", "0").is_ok());
    }
}
