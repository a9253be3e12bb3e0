//! Persons and organisations, and how to reach them.

use super::recipient::{NationalIdentityNumber, OrganizationNumber, Recipient};

/// A person or an organisation whose contact is looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identifier {
    /// A person.
    Person(NationalIdentityNumber),
    /// An organisation.
    Organization(OrganizationNumber),
}

impl Identifier {
    /// Returns the identifier of a recipient; None if it has an address of its own.
    #[must_use]
    pub fn of(recipient: &Recipient) -> Option<Self> {
        match recipient {
            Recipient::Address(_) => None,
            Recipient::Person(number) => Some(Self::Person(number.clone())),
            Recipient::Organization(number) => Some(Self::Organization(number.clone())),
        }
    }

    /// Returns its digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Person(number) => number.as_str(),
            Self::Organization(number) => number.as_str(),
        }
    }
}

/// The contact of one identifier.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contact {
    /// The addresses to notify.
    pub addresses: Vec<String>,
    /// The value of `$recipientName$`.
    pub name: Option<String>,
    /// Whether the person is reserved against electronic messages.
    pub reserved: bool,
}
