//! The URL that is asked, when an order is due, whether it shall still be sent.

use http::Uri;
use serde::{Deserialize, Serialize};

/// An absolute `http` or `https` URL whose host is a name below a top-level domain.
///
/// Hosts of letters, digits, dots and hyphens that end in a dot and letters: no address literal,
/// no `localhost` or other single label, no non-ASCII name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ConditionEndpoint(String);

/// The text is not a URL that may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an absolute http or https URL with a fully qualified host name")]
pub struct NotAnEndpoint;

impl ConditionEndpoint {
    /// Reads a URL and keeps it as it was written.
    pub fn parse(text: &str) -> Result<Self, NotAnEndpoint> {
        let uri: Uri = text.parse().map_err(|_| NotAnEndpoint)?;
        let scheme = uri.scheme_str().ok_or(NotAnEndpoint)?;
        let host = uri.host().ok_or(NotAnEndpoint)?;
        let http = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
        if http && is_qualified(host) && has_valid_port(&uri) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAnEndpoint)
        }
    }

    /// The URL as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_qualified(host: &str) -> bool {
    let Some((labels, top)) = host.rsplit_once('.') else {
        return false;
    };
    top.len() >= 2
        && top.bytes().all(|byte| byte.is_ascii_alphabetic())
        && labels.split('.').all(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|b| b == b'-' || b.is_ascii_alphanumeric())
        })
}

/// `http` reads a port that is out of range as none.
fn has_valid_port(uri: &Uri) -> bool {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let behind_user = authority.rsplit('@').next().unwrap_or(authority);
    match behind_user.split_once(':') {
        None => true,
        Some((_, port)) => port.parse::<u16>().is_ok(),
    }
}

impl TryFrom<String> for ConditionEndpoint {
    type Error = NotAnEndpoint;

    fn try_from(text: String) -> Result<Self, NotAnEndpoint> {
        Self::parse(&text)
    }
}

impl From<ConditionEndpoint> for String {
    fn from(endpoint: ConditionEndpoint) -> Self {
        endpoint.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts() {
        for url in [
            "https://api.example.no/send?id=1",
            "http://example.no",
            "HTTPS://EXAMPLE.NO/A",
            "https://a-b.example.no:8443/x",
            "https://example.no?x=1",
            "https://example.no/#part",
        ] {
            assert_eq!(
                ConditionEndpoint::parse(url).map(String::from).as_deref(),
                Ok(url)
            );
        }
    }

    #[test]
    fn refuses() {
        for text in [
            "",
            " ",
            "x",
            "/send",
            "//example.no/x",
            "example.no/send",
            "example.no",
            "ftp://example.no",
            "https://",
            "https:///x",
            "https://localhost",
            "https://example",
            "https://127.0.0.1/x",
            "https://[::1]/x",
            "https://10.0.0.1:80",
            "https://2130706433/",
            "https://example.n",
            "https://example.no.",
            "https://example.n0",
            "https://a..no",
            "https://.no",
            "https://blåbær.no",
            "https://exa_mple.no",
            "https://example.no:99999",
            "https://example.no:",
            "https://ex ample.no",
            "javascript:alert(1)",
            "mailto:a@b.no",
        ] {
            assert_eq!(
                ConditionEndpoint::parse(text),
                Err(NotAnEndpoint),
                "{text:?}"
            );
        }
    }
}
