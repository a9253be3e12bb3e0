//! The configuration, from variables.

use std::net::{AddrParseError, SocketAddr};

use crate::header::{HeaderText, NotOneLine};

/// The relay, and the sender's name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) relay: SocketAddr,
    pub(crate) from_name: Option<HeaderText>,
}

/// The variable that cannot be used, and the reason.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidSettings {
    #[error("the variable smtp_relay is not an IP address and port: {0}")]
    Relay(#[from] AddrParseError),
    #[error("the variable smtp_from_name: {0}")]
    FromName(#[from] NotOneLine),
}

impl Settings {
    /// Parses the variables `smtp_relay` and `smtp_from_name`.
    pub(crate) fn parse(relay: &str, from_name: &str) -> Result<Self, InvalidSettings> {
        let from_name = from_name.trim();
        let name = (!from_name.is_empty()).then(|| from_name.to_owned());
        Ok(Self {
            relay: relay.trim().parse()?,
            from_name: name.map(HeaderText::parse).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_relay_requires_ip_address_and_port() {
        for relay in ["127.0.0.1:1025", "[::1]:25", " 10.0.0.1:25 "] {
            let settings = Settings::parse(relay, "  ").unwrap();
            assert_eq!(settings.relay.to_string(), relay.trim());
            assert_eq!(settings.from_name, None);
        }
        for relay in ["", "localhost:25", "127.0.0.1", "smtp://127.0.0.1:25"] {
            let error = Settings::parse(relay, "").unwrap_err().to_string();
            assert!(error.starts_with("the variable smtp_relay"), "{error}");
        }
    }

    #[test]
    fn parse_name_with_line_break_fails() {
        let settings = Settings::parse("[::1]:25", "Tømrer Ås").unwrap();
        assert_eq!(settings.from_name.unwrap().as_str(), "Tømrer Ås");
        assert!(Settings::parse("[::1]:25", "a\r\nBcc: b").is_err());
    }
}
