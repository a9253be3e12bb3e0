//! The configuration, from variables.

use http::{HeaderValue, header::InvalidHeaderValue};
use sender_http::{Endpoint, InvalidEndpoint};

const DEFAULT_ENDPOINT: &str = "https://api.resend.com";

/// The account, and where to reach the service.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) endpoint: Endpoint,
    /// The value of `Authorization`. Its debug form hides the key.
    pub(crate) authorization: HeaderValue,
}

/// The variable that cannot be used, and the reason.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidSettings {
    #[error("the variable resend_api_key is empty")]
    NoKey,
    #[error("the variable resend_api_key is not a key: {0}")]
    Key(#[from] InvalidHeaderValue),
    #[error("the variable resend_endpoint: {0}")]
    Endpoint(#[from] InvalidEndpoint),
}

impl Settings {
    /// Parses the variables `resend_api_key` and `resend_endpoint`.
    pub(crate) fn parse(key: &str, endpoint: &str) -> Result<Self, InvalidSettings> {
        let (key, endpoint) = (key.trim(), endpoint.trim());
        if key.is_empty() {
            return Err(InvalidSettings::NoKey);
        }
        let mut authorization = HeaderValue::try_from(format!("Bearer {key}"))?;
        authorization.set_sensitive(true);
        let endpoint = if endpoint.is_empty() {
            DEFAULT_ENDPOINT
        } else {
            endpoint
        };
        Ok(Self {
            endpoint: endpoint.parse()?,
            authorization,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_without_endpoint_uses_the_service() {
        let settings = Settings::parse(" re_1 ", "").unwrap();
        assert_eq!(settings.endpoint.host(), "api.resend.com");
        assert_eq!(settings.authorization, "Bearer re_1");
        assert!(!format!("{settings:?}").contains("re_1"));
    }

    #[test]
    fn parse_error_names_its_variable() {
        for (key, endpoint, variable) in [
            ("", "", "resend_api_key"),
            ("a\nb", "", "resend_api_key"),
            ("re_1", "http://api.resend.com", "resend_endpoint"),
        ] {
            let error = Settings::parse(key, endpoint).unwrap_err().to_string();
            assert!(error.contains(variable), "{error}");
        }
    }
}
