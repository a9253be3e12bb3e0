//! Email addresses.

use serde::Serialize;

/// An email address of the form that this API accepts, without white space around it.
///
/// The local part is atoms joined by single dots (RFC 5322, section 3.2.3, without `/`, and with
/// the letters `æøåÆØÅ`); the domain is one to nine labels (RFC 1035, section 2.3.1, with the same
/// letters) and a top label of 2 to 14 ASCII letters, or four groups of one to three digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

/// The text is not an email address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not an email address")]
pub struct NotAnAddress;

impl EmailAddress {
    /// Reads an address, without the white space around it.
    pub fn parse(text: &str) -> Result<Self, NotAnAddress> {
        let text = text.trim();
        let (local, domain) = text.split_once('@').ok_or(NotAnAddress)?;
        if is_local_part(local) && (is_domain(domain) || is_dotted_quad(domain)) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAnAddress)
        }
    }

    /// Returns the address as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_local_part(text: &str) -> bool {
    text.split('.')
        .all(|atom| !atom.is_empty() && atom.chars().all(is_atom_character))
}

fn is_domain(text: &str) -> bool {
    let Some((labels, top)) = text.rsplit_once('.') else {
        return false;
    };
    (2..=14).contains(&top.len())
        && top.bytes().all(|byte| byte.is_ascii_alphabetic())
        && labels.split('.').count() <= 9
        && labels.split('.').all(is_label)
}

fn is_label(text: &str) -> bool {
    text.chars().count() <= 63
        && text.starts_with(is_letter_or_digit)
        && text.ends_with(is_letter_or_digit)
        && text.chars().all(|c| c == '-' || is_letter_or_digit(c))
}

fn is_dotted_quad(text: &str) -> bool {
    text.split('.').count() == 4
        && text.split('.').all(|group| {
            (1..=3).contains(&group.len()) && group.bytes().all(|byte| byte.is_ascii_digit())
        })
}

fn is_letter_or_digit(c: char) -> bool {
    c.is_ascii_alphanumeric() || "æøåÆØÅ".contains(c)
}

fn is_atom_character(c: char) -> bool {
    is_letter_or_digit(c) || "!#$%&'*+-=?^_{|}~`".contains(c)
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_valid_addresses_are_accepted() {
        let nine_labels = format!("a@{}no", "x.".repeat(9));
        let long_label = format!("a@{}.no", "x".repeat(63));
        let long_norwegian_label = format!("a@{}.no", "ø".repeat(63));
        for address in [
            "someone@example.no",
            "a@b.no",
            "first.last@sub.example.no",
            "æøå.ÆØÅ@blåbær.no",
            "!#$%&'*+-=?^_{|}~`@example.no",
            "a@1.2.3.4",
            "a@999.999.999.999",
            "1@2.co",
            "a@x-y.no",
            "a@example.abcdefghijklmn",
            &nine_labels,
            &long_label,
            &long_norwegian_label,
        ] {
            assert_eq!(
                EmailAddress::parse(address).map(String::from).as_deref(),
                Ok(address)
            );
        }
    }

    #[test]
    fn parse_trims_and_keeps_the_case() {
        assert_eq!(
            EmailAddress::parse(" \tA@Example.NO\n").unwrap().as_str(),
            "A@Example.NO"
        );
    }

    #[test]
    fn parse_invalid_addresses_are_refused() {
        let ten_labels = format!("a@{}no", "x.".repeat(10));
        let too_long_label = format!("a@{}.no", "x".repeat(64));
        for text in [
            "",
            " ",
            "a",
            "@",
            "a@",
            "@b.no",
            "a@b",
            "a@localhost",
            "a@@b.no",
            "a@b@c.no",
            ".a@b.no",
            "a.@b.no",
            "a..b@c.no",
            "a b@c.no",
            "a@b c.no",
            "a/b@c.no",
            "\"a\"@b.no",
            "a@b.n",
            "a@b.abcdefghijklmno",
            "a@b.n0",
            "a@b.næ",
            "a@-b.no",
            "a@b-.no",
            "a@b..no",
            "a@.no",
            "a@b.no.",
            "a@1.2.3",
            "a@1.2.3.4.5",
            "a@1.2.3.4444",
            "a@[1.2.3.4]",
            "a@b_c.no",
            "é@b.no",
            "a@é.no",
            "a@b.no, c@d.no",
            "A <a@b.no>",
            "a(x)@b.no",
            "a@b.no\r\nBcc: c@d.no",
            &ten_labels,
            &too_long_label,
        ] {
            assert_eq!(EmailAddress::parse(text), Err(NotAnAddress), "{text:?}");
        }
    }
}
