//! The configuration, from variables.

use std::{
    fmt,
    net::{AddrParseError, SocketAddr},
};

use crate::header::{HeaderText, NotOneLine};

/// The relays, and what the sender calls itself.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// At least one, in order of preference.
    pub(crate) relays: Vec<SocketAddr>,
    pub(crate) from_name: Option<HeaderText>,
    /// The name in EHLO. Without one, the local address.
    pub(crate) hello_name: Option<HelloName>,
}

/// The variable that cannot be used, and the reason.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidSettings {
    #[error("the variable smtp_relay is empty")]
    NoRelay,
    #[error("the variable smtp_relay is not a list of IP addresses and ports: {0}")]
    Relay(#[from] AddrParseError),
    #[error("the variable smtp_from_name: {0}")]
    FromName(#[from] NotOneLine),
    #[error("the variable smtp_ehlo_name is not a host name or an address literal")]
    HelloName,
}

impl Settings {
    /// Parses the variables `smtp_relay`, `smtp_from_name` and `smtp_ehlo_name`.
    pub(crate) fn parse(
        relays: &str,
        from_name: &str,
        hello_name: &str,
    ) -> Result<Self, InvalidSettings> {
        let relays = relays
            .split([',', ' '])
            .filter(|relay| !relay.is_empty())
            .map(str::parse)
            .collect::<Result<Vec<_>, _>>()?;
        if relays.is_empty() {
            return Err(InvalidSettings::NoRelay);
        }
        let from_name = from_name.trim();
        let from_name = (!from_name.is_empty()).then(|| from_name.to_owned());
        let hello_name = hello_name.trim();
        let hello_name = (!hello_name.is_empty()).then(|| HelloName::parse(hello_name));
        Ok(Self {
            relays,
            from_name: from_name.map(HeaderText::parse).transpose()?,
            hello_name: hello_name.transpose()?,
        })
    }
}

/// A host name or an address literal, as EHLO requires it (RFC 5321, section 4.1.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HelloName(String);

impl HelloName {
    fn parse(text: &str) -> Result<Self, InvalidSettings> {
        let literal = text
            .strip_prefix('[')
            .and_then(|text| text.strip_suffix(']'));
        let name = literal.unwrap_or(text);
        let is_allowed =
            |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte) || byte == b':';
        let has_colon = name.contains(':') && literal.is_none();
        if name.is_empty() || text.len() > 255 || !name.bytes().all(is_allowed) || has_colon {
            return Err(InvalidSettings::HelloName);
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns the address literal of an address (RFC 5321, section 4.1.3).
    pub(crate) fn of(address: SocketAddr) -> Self {
        Self(match address {
            SocketAddr::V4(address) => format!("[{}]", address.ip()),
            SocketAddr::V6(address) => format!("[IPv6:{}]", address.ip()),
        })
    }
}

impl fmt::Display for HelloName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    #[test]
    fn parse_relay_requires_ip_address_and_port() {
        for relay in ["127.0.0.1:1025", "[::1]:25", " 10.0.0.1:25 "] {
            let settings = Settings::parse(relay, "  ", "").unwrap();
            assert_eq!(settings.relays, [relay.trim().parse().unwrap()]);
            assert_eq!(settings.from_name, None);
        }
        for relay in [
            "",
            " , ",
            "localhost:25",
            "127.0.0.1",
            "smtp://127.0.0.1:25",
        ] {
            let error = Settings::parse(relay, "", "").unwrap_err().to_string();
            assert!(error.starts_with("the variable smtp_relay"), "{error}");
        }
    }

    #[test]
    fn parse_relays_keeps_their_order() {
        let settings = Settings::parse("10.0.0.2:25, 10.0.0.1:25,[::1]:25", "", "").unwrap();
        let relays: Vec<_> = settings.relays.iter().map(ToString::to_string).collect();
        assert_eq!(relays, ["10.0.0.2:25", "10.0.0.1:25", "[::1]:25"]);
    }

    #[test]
    fn parse_name_with_line_break_fails() {
        let settings = Settings::parse("[::1]:25", "Tømrer Ås", "").unwrap();
        assert_eq!(settings.from_name.unwrap().as_str(), "Tømrer Ås");
        assert!(Settings::parse("[::1]:25", "a\r\nBcc: b", "").is_err());
    }

    #[test]
    fn parse_hello_name_must_be_host_name_or_literal() {
        let parse = |name: &str| Settings::parse("[::1]:25", "", name);
        for name in ["mail.example.no", "[10.0.0.1]", "[IPv6:::1]"] {
            let settings = parse(name).unwrap();
            assert_eq!(settings.hello_name.unwrap().to_string(), name);
        }
        assert_eq!(parse(" ").unwrap().hello_name, None);
        for name in ["a b", "a\r\nMAIL", "[]", "a:b", "blåbær.no", "[a"] {
            assert!(parse(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn address_literal_of_each_family_has_its_form() {
        for (address, literal) in [
            ((Ipv4Addr::new(10, 0, 0, 1), 1).into(), "[10.0.0.1]"),
            ((Ipv6Addr::LOCALHOST, 1).into(), "[IPv6:::1]"),
        ] {
            assert_eq!(HelloName::of(address).to_string(), literal);
        }
    }
}
