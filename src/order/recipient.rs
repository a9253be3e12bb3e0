//! The recipients of an order.

use serde::Serialize;

use super::address::EmailAddress;

/// A recipient, with exactly one identifier.
///
/// Its JSON has that one member: `{"emailAddress": "someone@example.no"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub enum Recipient {
    /// The address itself.
    #[serde(rename = "emailAddress")]
    Address(EmailAddress),
    /// An organisation, whose addresses are looked up.
    #[serde(rename = "organizationNumber")]
    Organization(OrganizationNumber),
    /// A person, whose address is looked up.
    #[serde(rename = "nationalIdentityNumber")]
    Person(NationalIdentityNumber),
}

macro_rules! digits {
    ($(#[$doc:meta])* $name:ident, $length:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Reads the number: digits only, and exactly as many.
            pub fn parse(text: &str) -> Result<Self, WrongDigits> {
                if text.len() == $length && text.bytes().all(|byte| byte.is_ascii_digit()) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(WrongDigits($length))
                }
            }

            /// Returns the digits.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<$name> for String {
            fn from(number: $name) -> Self {
                number.0
            }
        }
    };
}

digits! {
    /// A Norwegian national identity number: 11 digits.
    NationalIdentityNumber, 11
}
digits! {
    /// A Norwegian organisation number: 9 digits.
    OrganizationNumber, 9
}

/// The text does not have exactly so many digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be exactly {0} digits")]
pub struct WrongDigits(u8);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_numbers_are_ascii_digits_of_one_length() {
        assert!(NationalIdentityNumber::parse("16069412345").is_ok());
        assert!(OrganizationNumber::parse("123456789").is_ok());
        for text in [
            "",
            "1606941234",
            "160694123456",
            "1606941234x",
            " 16069412345",
            "١٢٣٤٥٦٧٨٩٠١",
        ] {
            assert!(NationalIdentityNumber::parse(text).is_err(), "{text:?}");
        }
        for text in ["", "12345678", "1234567890", "12345678O"] {
            assert!(OrganizationNumber::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn json_has_one_identifier() {
        let recipient = Recipient::Address(EmailAddress::parse("a@b.no").unwrap());
        let json = serde_json::to_string(&recipient).unwrap();
        assert_eq!(json, r#"{"emailAddress":"a@b.no"}"#);
    }
}
