//! Parses and matches the entries of `allowed_outbound_hosts`.
//!
//! An entry is `scheme://host[:port]`. The scheme is a name or `*`. The host is a name, an IP address,
//! a network in CIDR form, `*.domain`, `self` (this application) or `*`. The port is a number, a
//! half-open range `first..end`, or `*`, and optional for schemes with a well-known port. Sockets
//! match by address only, under the schemes `tcp` and `udp`.

use std::ops::Range;

use ip_network::IpNetwork;
use url::{Host, Url};

/// Why an entry is invalid.
#[derive(Debug, thiserror::Error)]
#[error("{entry:?} is not an allowed outbound host: {reason}")]
pub struct InvalidHost {
    entry: String,
    reason: String,
}

/// One entry of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AllowedHost {
    scheme: SchemePattern,
    host: HostPattern,
    port: PortPattern,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum SchemePattern {
    Any,
    Named(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum HostPattern {
    Any,
    Itself,
    Subdomain(String),
    Exact(Host),
    Network(IpNetwork),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum PortPattern {
    Any,
    Exact(u16),
    Within(Range<u16>),
}

impl AllowedHost {
    /// Parses one entry.
    pub(crate) fn parse(entry: &str) -> Result<Self, InvalidHost> {
        Self::parse_parts(entry.trim()).map_err(|reason| InvalidHost {
            entry: entry.to_owned(),
            reason,
        })
    }

    fn parse_parts(entry: &str) -> Result<Self, String> {
        let (scheme, rest) = entry
            .split_once("://")
            .ok_or("it has no scheme such as `https://` or `*://`")?;
        let (host, port) = split_port(rest)?;
        Ok(Self {
            port: PortPattern::parse(port, scheme)?,
            scheme: SchemePattern::parse(scheme)?,
            host: HostPattern::parse(host)?,
        })
    }

    /// Returns whether the entry allows a connection to this URL.
    #[must_use]
    pub(crate) fn allows(&self, url: &Url) -> bool {
        self.scheme.allows(url.scheme())
            && url.host().is_some_and(|host| self.host.allows(&host))
            && self.port.allows(url)
    }

    /// Returns whether the entry allows requests to the application itself.
    #[must_use]
    pub(crate) fn allows_itself(&self) -> bool {
        let web = ["http", "https"].iter().any(|s| self.scheme.allows(s));
        web && matches!(self.host, HostPattern::Any | HostPattern::Itself)
    }
}

/// Hosts below this domain are the application's own components.
pub(crate) const CHAINING_SUFFIX: &str = ".spin.internal";

/// Returns the URL that stands for a socket address.
#[must_use]
pub(super) fn socket_url(scheme: &str, address: std::net::SocketAddr) -> Option<Url> {
    Url::parse(&format!("{scheme}://{address}")).ok()
}

fn split_port(rest: &str) -> Result<(&str, &str), String> {
    match rest.rsplit_once(':') {
        None => Ok((rest, "")),
        Some((host, "")) => Ok((host, "")),
        // The last colon may belong to an IPv6 network.
        Some(_) if HostPattern::parse(rest).is_ok() => Ok((rest, "")),
        Some((host, port)) => match port.split_once('/') {
            None => Ok((host, port)),
            Some((port, "")) => Ok((host, port)),
            Some(_) => Err("it must not have a path".to_owned()),
        },
    }
}

fn well_known_port(scheme: &str) -> Option<u16> {
    Some(match scheme {
        "http" => 80,
        "https" => 443,
        "mqtt" => 1883,
        "mysql" => 3306,
        "postgres" => 5432,
        "redis" => 6379,
        _ => return None,
    })
}

impl SchemePattern {
    fn parse(scheme: &str) -> Result<Self, String> {
        if scheme == "*" {
            Ok(Self::Any)
        } else if scheme.chars().all(char::is_alphabetic) {
            Ok(Self::Named(scheme.to_owned()))
        } else {
            Err("a scheme consists of letters".to_owned())
        }
    }

    fn allows(&self, scheme: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Named(name) => name == scheme,
        }
    }
}

impl HostPattern {
    fn parse(host: &str) -> Result<Self, String> {
        let host = host.trim();
        match host {
            "*" => return Ok(Self::Any),
            "self" | "self.alt" => return Ok(Self::Itself),
            _ => {}
        }
        if let Ok(network) = IpNetwork::from_str_truncate(host) {
            return Ok(Self::Network(network));
        }
        let host = host.strip_suffix('/').unwrap_or(host);
        if host.contains('/') {
            return Err("it must not have a path".to_owned());
        }
        if let Some(domain) = host.strip_prefix("*.") {
            return match Host::parse(domain) {
                Ok(Host::Domain(domain)) if !domain.contains('*') => {
                    Ok(Self::Subdomain(format!(".{domain}")))
                }
                _ => Err("`*.` must be followed by a domain".to_owned()),
            };
        }
        if host.contains('*') {
            return Err("`*` can stand for a whole host or for its subdomains only".to_owned());
        }
        Host::parse(host)
            .map(Self::Exact)
            .map_err(|error| error.to_string())
    }

    fn allows(&self, host: &Host<&str>) -> bool {
        // `Url` does not parse hosts of schemes other than those of the web.
        let Ok(host) = Host::parse(&host.to_string()) else {
            return false;
        };
        match (self, host) {
            (Self::Any, _) => true,
            (Self::Subdomain(suffix), Host::Domain(domain)) => domain.ends_with(suffix.as_str()),
            (Self::Exact(exact), host) => *exact == host,
            (Self::Network(network), Host::Ipv4(ip)) => network.contains(ip),
            (Self::Network(network), Host::Ipv6(ip)) => network.contains(ip),
            (Self::Subdomain(_) | Self::Network(_) | Self::Itself, _) => false,
        }
    }
}

impl PortPattern {
    fn parse(port: &str, scheme: &str) -> Result<Self, String> {
        let number = |text: &str| {
            text.parse::<u16>()
                .map_err(|_| format!("the port {text:?} is not a number"))
        };
        match port {
            "" => well_known_port(scheme)
                .map(Self::Exact)
                .ok_or_else(|| format!("the scheme {scheme:?} needs a port")),
            "*" => Ok(Self::Any),
            _ => match port.split_once("..") {
                Some((first, end)) => Ok(Self::Within(number(first)?..number(end)?)),
                None => number(port).map(Self::Exact),
            },
        }
    }

    fn allows(&self, url: &Url) -> bool {
        let port = url.port().or_else(|| well_known_port(url.scheme()));
        match (self, port) {
            (Self::Any, _) => true,
            (Self::Exact(exact), Some(port)) => *exact == port,
            (Self::Within(range), Some(port)) => range.contains(&port),
            (_, None) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(entry: &str, url: &str) -> bool {
        AllowedHost::parse(entry)
            .unwrap()
            .allows(&Url::parse(url).unwrap())
    }

    #[test]
    fn allows_matches_scheme_and_port() {
        assert!(allows("https://example.no", "https://example.no/path?q"));
        assert!(!allows("https://example.no", "http://example.no:443"));
        assert!(!allows("https://example.no", "https://example.no:8443"));
        assert!(allows("*://example.no:8443", "https://example.no:8443"));
        assert!(allows("http://example.no:*", "http://example.no:1"));
        assert!(allows(
            "http://example.no:8000..8002",
            "http://example.no:8001"
        ));
        assert!(!allows(
            "http://example.no:8000..8002",
            "http://example.no:8002"
        ));
    }

    #[test]
    fn allows_matches_host() {
        assert!(allows("https://*.example.no", "https://a.b.example.no"));
        assert!(!allows("https://*.example.no", "https://example.no"));
        assert!(!allows("https://*.example.no", "https://badexample.no"));
        assert!(allows("*://*:*", "tcp://10.0.0.1:25"));
        assert!(!allows("http://self", "http://127.0.0.1/"));
        assert!(AllowedHost::parse("http://self").unwrap().allows_itself());
    }

    #[test]
    fn allows_matches_sockets_by_address_only() {
        let url = |text: &str| socket_url("tcp", text.parse().unwrap()).unwrap();
        let entry = |text| AllowedHost::parse(text).unwrap();
        assert!(entry("*://127.0.0.1:12525").allows(&url("127.0.0.1:12525")));
        assert!(!entry("*://127.0.0.1:12525").allows(&url("127.0.0.1:12526")));
        assert!(!entry("*://localhost:12525").allows(&url("127.0.0.1:12525")));
        assert!(entry("tcp://10.0.0.0/8:*").allows(&url("10.1.2.3:25")));
        assert!(!entry("udp://10.0.0.0/8:*").allows(&url("10.1.2.3:25")));
        assert!(entry("*://[::1]:25").allows(&url("[::1]:25")));
    }

    #[test]
    fn parse_of_invalid_entry_fails() {
        for entry in [
            "",
            "*",
            "example.no",
            "https://",
            "tcp://example.no",
            "https://example.no/path",
            "https://example.no:443/path",
            "https://*.*.no",
            "https://ex*mple.no",
            "https://example.no:x",
            "{http,https}://example.no",
        ] {
            assert!(AllowedHost::parse(entry).is_err(), "{entry}");
        }
        assert!(AllowedHost::parse("https://example.no/").is_ok());
    }

    #[test]
    fn allows_treats_chained_components_like_other_hosts() {
        for entry in [
            "http://api-docs.spin.internal",
            "http://*.spin.internal",
            "http://*:*",
        ] {
            assert!(
                allows(entry, "http://api-docs.spin.internal/docs"),
                "{entry}"
            );
        }
        assert!(!allows("http://*.spin.internal", "http://example.no/"));
    }
}
