//! The URL that decides, when an order is due, whether to send it.

use http::Uri;
use serde::Serialize;

/// A condition endpoint as it was registered.
///
/// A new one satisfies every rule of [`ConditionUrl`]. A stored one may have been registered by an
/// earlier version under fewer rules, so [`Self::url`] checks it again before it is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ConditionEndpoint(String);

/// A URL that may be called: absolute, `http` or `https`, with a host on the Internet.
///
/// The host consists of ASCII letters, digits, dots and hyphens, and ends in a dot and two or more
/// letters: no address literal, no single label, no non-ASCII name. Names that lead into the
/// application itself, this machine or a local network are refused, and so are userinfo and a port
/// that is not 1 to 5 digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionUrl(Uri);

/// The text is not a URL that may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be an absolute http or https URL with a fully qualified host name on the Internet, \
     without userinfo"
)]
pub struct NotAnEndpoint;

impl ConditionEndpoint {
    /// Checks a URL, and keeps it as it was written.
    pub fn parse(text: &str) -> Result<Self, NotAnEndpoint> {
        ConditionUrl::parse(text).map(|_| Self(text.to_owned()))
    }

    /// Takes a URL from the store, unchecked.
    pub(crate) fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// Returns the URL as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the URL, if the rules of this version allow to call it.
    pub fn url(&self) -> Result<ConditionUrl, NotAnEndpoint> {
        ConditionUrl::parse(&self.0)
    }
}

impl ConditionUrl {
    fn parse(text: &str) -> Result<Self, NotAnEndpoint> {
        let uri: Uri = text.parse().map_err(|_| NotAnEndpoint)?;
        let scheme = uri.scheme_str().ok_or(NotAnEndpoint)?;
        let http = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
        let authority = uri.authority().ok_or(NotAnEndpoint)?.as_str();
        // A host has no `@`, so this refuses userinfo too.
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        };
        if http && is_qualified(host) && !is_internal(host) && port.is_none_or(is_port) {
            Ok(Self(uri))
        } else {
            Err(NotAnEndpoint)
        }
    }

    /// Returns the URL.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        &self.0
    }

    /// Returns the host's name.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host().unwrap_or_default()
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

/// Domains whose names lead to the host's own components (`*.spin.internal`, `self.alt`), to this
/// machine, to the cluster (`*.svc`, `*.cluster.local`) or to the local network, wherever they are
/// looked up.
pub(super) const INTERNAL: [&str; 6] = ["alt", "arpa", "internal", "local", "localhost", "svc"];

/// Returns whether a host is in one of the [`INTERNAL`] domains. Spin intercepts some of these names
/// before any check of addresses (Spin 4.1), so only the name can tell.
fn is_internal(host: &str) -> bool {
    let (_, top) = host.rsplit_once('.').unwrap_or(("", host));
    INTERNAL
        .iter()
        .any(|domain| top.eq_ignore_ascii_case(domain))
}

fn is_port(port: &str) -> bool {
    // `parse` alone would accept a sign.
    port.bytes().all(|byte| byte.is_ascii_digit()) && port.len() <= 5 && port.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_valid_urls_are_accepted() {
        for url in [
            "https://api.example.no/send?id=1",
            "http://example.no",
            "HTTPS://EXAMPLE.NO/A",
            "https://a-b.example.no:8443/x",
            "https://example.no:00080/x",
            "https://example.no?x=1",
            "https://example.no/#part",
            "https://example.no/@x:y",
            "https://localhost.example.no/",
            "https://internal.no/",
            "https://notinternal.example/",
            "https://my-svc.no/",
            "https://spin.internal.example.no/",
        ] {
            let read = ConditionEndpoint::parse(url);
            assert_eq!(read, Ok(ConditionEndpoint(url.to_owned())), "{url}");
        }
    }

    const REFUSED: [&str; 61] = [
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
        "https://exa%6Dple.no",
        "https://ex ample.no",
        "javascript:alert(1)",
        "mailto:a@b.no",
        // Userinfo.
        "https://user@example.no/",
        "https://user:password@example.no/",
        "https://@example.no/",
        "https://example.no:80@example.no/",
        // Ports.
        "https://example.no:",
        "https://example.no:/x",
        "https://example.no:+80",
        "https://example.no:-1",
        "https://example.no:8x",
        "https://example.no:80:80",
        "https://example.no:99999",
        "https://example.no:000080",
        // This machine and this application.
        "https://localhost",
        "https://LOCALHOST:3000",
        "https://app.localhost",
        "https://app.LocalHost/",
        "http://self/health",
        "http://self.alt/health",
        "http://SELF.ALT/health",
        "http://a.self.alt/health",
        "http://email-orders.spin.internal/health",
        "http://email-orders.SPIN.Internal:80/health",
        "http://email-orders.spin.internal./health",
        "http://spin.internal/health",
        // The cluster and the local network.
        "http://metadata.google.internal/",
        "http://host.docker.internal/",
        "http://printer.local/",
        "http://api.default.svc/",
        "http://api.default.SVC:8080/",
        "http://api.default.svc.cluster.local/",
        "http://cluster.local/",
        "http://router.home.arpa/",
        "http://1.0.0.127.in-addr.arpa/",
        "http://localhost.localhost.",
        "http://x.internal:80?y",
    ];

    #[test]
    fn parse_invalid_urls_are_refused() {
        for text in REFUSED {
            let read = ConditionEndpoint::parse(text);
            assert_eq!(read, Err(NotAnEndpoint), "{text:?}");
        }
    }

    #[test]
    fn url_stored_under_earlier_rules_is_an_error() {
        for text in REFUSED {
            let stored = ConditionEndpoint::from_stored(text.to_owned());
            assert_eq!(stored.url(), Err(NotAnEndpoint), "{text:?}");
        }
        let stored = ConditionEndpoint::from_stored("https://a.no:81/x".to_owned());
        let url = stored.url().unwrap();
        assert_eq!((url.host(), url.uri().path()), ("a.no", "/x"));
    }
}
