//! Addresses in the form that SMTP accepts.

use std::{fmt, net::Ipv4Addr};

use lettre::Address;

/// An address that is safe in a command and in a header: its domain is ASCII, and no character ends
/// a line or a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EmailAddress(Address);

/// The error for text that is not an address.
#[derive(Debug, thiserror::Error)]
#[error("not an address in a form that SMTP accepts")]
pub(crate) struct InvalidAddress;

impl EmailAddress {
    /// Parses an address. Converts an internationalized domain to its ASCII form (RFC 5891).
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidAddress> {
        let (local, domain) = text.rsplit_once('@').ok_or(InvalidAddress)?;
        // A quoted local part may contain any character. Orders do not accept quoted local parts.
        if local.contains('"') {
            return Err(InvalidAddress);
        }
        let domain = match domain.parse::<Ipv4Addr>() {
            Ok(address) => format!("[{address}]"),
            Err(_) => idna::domain_to_ascii_strict(domain).map_err(|_| InvalidAddress)?,
        };
        let address = Address::new(local, domain).map_err(|_| InvalidAddress)?;
        Ok(Self(address))
    }

    /// Returns the domain, in ASCII.
    pub(crate) fn domain(&self) -> &str {
        self.0.domain()
    }

    /// Returns whether the address requires a relay with SMTPUTF8 (RFC 6531).
    pub(crate) fn needs_utf8(&self) -> bool {
        !self.0.user().is_ascii()
    }

    /// Returns the address for a header.
    pub(crate) fn to_header(&self) -> Address {
        self.0.clone()
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_international_domain_returns_ascii_domain() {
        for (text, address, utf8) in [
            ("kari@example.no", "kari@example.no", false),
            ("kari@blåbær.no", "kari@xn--blbr-roah.no", false),
            ("KÅRE@Blåbær.no", "KÅRE@xn--blbr-roah.no", true),
            ("a.b+c'd@sub.example.no", "a.b+c'd@sub.example.no", false),
            ("kari@127.0.0.1", "kari@[127.0.0.1]", false),
        ] {
            let parsed = EmailAddress::parse(text).unwrap();
            assert_eq!(parsed.to_string(), address);
            assert_eq!(parsed.needs_utf8(), utf8, "{text}");
        }
    }

    #[test]
    fn parse_unsafe_text_fails() {
        for text in [
            "",
            "kari",
            "@example.no",
            "kari@",
            "kari@example.no\r\nDATA",
            "kari\r\n@example.no",
            "kari>@example.no",
            "kari @example.no",
            "\"kari> SIZE=1\"@example.no",
            "kari@example.no> SIZE=1",
            "kari@exam ple.no",
            "kari@example.no\0",
            "kari@-example.no",
        ] {
            assert!(EmailAddress::parse(text).is_err(), "{text:?}");
        }
    }
}
