//! Addresses as SMTP takes them.

use std::{fmt, net::Ipv4Addr};

use lettre::Address;

/// An address that can stand in a command and in a header: its domain is in ASCII, and nothing in
/// it ends a line or a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EmailAddress(Address);

/// Text that is no address.
#[derive(Debug, thiserror::Error)]
#[error("not an address that SMTP can carry")]
pub(crate) struct InvalidAddress;

impl EmailAddress {
    /// Reads an address; an internationalized domain becomes its ASCII form (RFC 5891).
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidAddress> {
        let (local, domain) = text.rsplit_once('@').ok_or(InvalidAddress)?;
        // A quoted local part may hold anything; no order has one.
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

    /// Its domain, in ASCII.
    pub(crate) fn domain(&self) -> &str {
        self.0.domain()
    }

    /// Whether only a relay with SMTPUTF8 (RFC 6531) can take it.
    pub(crate) fn needs_utf8(&self) -> bool {
        !self.0.user().is_ascii()
    }

    /// The address for a header.
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
    fn domains_are_ascii() {
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
    fn nothing_else_gets_into_a_command() {
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
