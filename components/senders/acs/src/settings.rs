//! The configuration, from variables.

use std::{net::IpAddr, str::FromStr, time::Duration};

use http::{Uri, uri::Authority, uri::Scheme};

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

/// The endpoint of the service: a scheme and an authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    scheme: Scheme,
    authority: Authority,
}

/// The error for text that is not an endpoint.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidEndpoint {
    #[error("it must be like https://name.communication.azure.com")]
    NotAnEndpoint,
    #[error("http is allowed for loopback addresses only")]
    Unencrypted,
}

impl Endpoint {
    /// Returns the host, with its port if it has one, in the form that is signed.
    pub(crate) fn host(&self) -> &str {
        self.authority.as_str()
    }

    /// Returns the URI of a path and query.
    pub(crate) fn join(&self, path_and_query: &str) -> Result<Uri, http::Error> {
        Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(path_and_query)
            .build()
    }

    /// Returns the path and query of a URI, if it belongs to this endpoint.
    pub(crate) fn strip(&self, uri: &str) -> Option<String> {
        let uri: Uri = uri.parse().ok()?;
        let is_same =
            uri.scheme() == Some(&self.scheme) && uri.authority() == Some(&self.authority);
        is_same.then(|| uri.path_and_query().map(ToString::to_string))?
    }
}

impl FromStr for Endpoint {
    type Err = InvalidEndpoint;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let uri: Uri = text.parse().map_err(|_| InvalidEndpoint::NotAnEndpoint)?;
        let parts = uri.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else {
            return Err(InvalidEndpoint::NotAnEndpoint);
        };
        let has_no_path = parts.path_and_query.is_none_or(|path| path == "/");
        if !has_no_path || authority.as_str().contains('@') {
            return Err(InvalidEndpoint::NotAnEndpoint);
        }
        match scheme.as_str() {
            "https" => {}
            "http" if is_loopback(authority.host()) => {}
            "http" => return Err(InvalidEndpoint::Unencrypted),
            _ => return Err(InvalidEndpoint::NotAnEndpoint),
        }
        Ok(Self { scheme, authority })
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_endpoint_requires_scheme_and_authority_only() {
        for text in [
            "https://name.communication.azure.com",
            "https://name.communication.azure.com/",
            "http://127.0.0.1:8080",
            "http://[::1]:8080/",
        ] {
            let endpoint: Endpoint = text.parse().unwrap();
            let joined = endpoint.join("/emails:send?a=b").unwrap().to_string();
            assert_eq!(
                joined,
                format!("{}/emails:send?a=b", text.trim_end_matches('/'))
            );
        }
        for text in [
            "",
            "name.communication.azure.com",
            "https://",
            "https://name/path",
            "https://user@name",
            "ftp://name",
            "http://name.communication.azure.com",
            "http://localhost.example.no",
        ] {
            assert!(text.parse::<Endpoint>().is_err(), "{text}");
        }
    }

    #[test]
    fn strip_uri_of_other_endpoint_returns_none() {
        let endpoint: Endpoint = "https://name.example".parse().unwrap();
        let path = endpoint.strip("https://name.example/emails/operations/1?api-version=x");
        assert_eq!(path.as_deref(), Some("/emails/operations/1?api-version=x"));
        for other in [
            "https://other.example/emails/operations/1",
            "http://name.example/emails/operations/1",
            "https://name.example:8443/emails/operations/1",
            "https://name.example@other.example/",
            "/emails/operations/1",
            "",
        ] {
            assert_eq!(endpoint.strip(other), None, "{other}");
        }
    }

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
