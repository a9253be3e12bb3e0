//! Who an order is for.

use serde::Serialize;

use super::address::EmailAddress;

/// One recipient: named by exactly one identifier.
///
/// Its JSON has that one member: `{"emailAddress": "someone@example.no"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub enum Recipient {
    /// An address of its own.
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
            /// Reads the number; nothing but its digits may stand there.
            pub fn parse(text: &str) -> Result<Self, WrongDigits> {
                if text.len() == $length && text.bytes().all(|byte| byte.is_ascii_digit()) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(WrongDigits($length))
                }
            }

            /// The digits.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
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

/// The text is not a number of so many digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be exactly {0} digits")]
pub struct WrongDigits(u8);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_ascii_digits_of_one_length() {
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
    fn json_has_the_one_identifier() {
        let recipient = Recipient::Address(EmailAddress::parse("a@b.no").unwrap());
        let json = serde_json::to_string(&recipient).unwrap();
        assert_eq!(json, r#"{"emailAddress":"a@b.no"}"#);
    }
}
