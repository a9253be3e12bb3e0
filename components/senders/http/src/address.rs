//! Addresses in the form that services accept.

/// The error for an address whose domain has no ASCII form.
#[derive(Debug, thiserror::Error)]
#[error("not an address whose domain has an ASCII form")]
pub struct InvalidAddress;

/// Returns the address with its domain in the ASCII form of an internationalized domain (RFC 5891).
pub fn with_ascii_domain(address: &str) -> Result<String, InvalidAddress> {
    let (local, domain) = address.rsplit_once('@').ok_or(InvalidAddress)?;
    let domain = idna::domain_to_ascii_strict(domain).map_err(|_| InvalidAddress)?;
    Ok(format!("{local}@{domain}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_ascii_domain_of_international_domain_is_punycode() {
        for (address, ascii) in [
            ("kari@example.no", "kari@example.no"),
            ("åse@sub.Rødgrøt.no", "åse@sub.xn--rdgrt-vuad.no"),
            ("kari@127.0.0.1", "kari@127.0.0.1"),
        ] {
            assert_eq!(with_ascii_domain(address).unwrap(), ascii);
        }
        for address in ["åse", "åse@-.no", "åse@a b.no"] {
            assert!(with_ascii_domain(address).is_err(), "{address}");
        }
    }
}
