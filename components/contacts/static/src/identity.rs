//! Identifiers and addresses of persons and organisations.

use serde::Deserialize;

/// A number of exactly `DIGITS` ASCII digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Number<const DIGITS: usize>(String);

/// A national identity number.
pub(crate) type Person = Number<11>;

/// An organisation number.
pub(crate) type Organization = Number<9>;

impl<const DIGITS: usize> TryFrom<String> for Number<DIGITS> {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(text))
        } else {
            // Without the text, which may be a person's number with a typing error.
            Err(format!("the key must have {DIGITS} digits"))
        }
    }
}

/// An address that has passed a basic check. The sender validates it in full.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Address(String);

impl TryFrom<String> for Address {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_printable = !text.contains(|c: char| c.is_whitespace() || c.is_control());
        let has_parts = matches!(text.split_once('@'), Some((local, domain))
            if !local.is_empty() && !domain.is_empty() && !domain.contains('@'));
        if is_printable && has_parts {
            Ok(Self(text))
        } else {
            Err("an address must be like someone@example.no")
        }
    }
}

impl From<Address> for String {
    fn from(Address(text): Address) -> Self {
        text
    }
}
