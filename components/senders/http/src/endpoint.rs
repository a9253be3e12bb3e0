//! The endpoint of a service.

use std::{net::IpAddr, str::FromStr};

use http::{
    Uri,
    uri::{Authority, Scheme},
};

/// The endpoint of the service: a scheme and an authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    scheme: Scheme,
    authority: Authority,
}

/// The error for text that is not an endpoint.
#[derive(Debug, thiserror::Error)]
pub enum InvalidEndpoint {
    /// It is not a URL, or has more than a scheme and an authority.
    #[error("it must be like https://name.example.com")]
    NotAnEndpoint,
    /// It has no encryption.
    #[error("http is allowed for loopback addresses only")]
    Unencrypted,
}

impl Endpoint {
    /// Returns the host, with its port if it has one, in the form that is signed.
    pub fn host(&self) -> &str {
        self.authority.as_str()
    }

    /// Returns the URI of a path and query.
    pub fn join(&self, path_and_query: &str) -> Result<Uri, http::Error> {
        Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(path_and_query)
            .build()
    }

    /// Returns the path and query of a URI, if it belongs to this endpoint.
    pub fn strip(&self, uri: &str) -> Option<String> {
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
}
