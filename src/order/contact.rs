//! How persons and organisations are reached.

use super::recipient::{NationalIdentityNumber, OrganizationNumber, Recipient};

/// Whom to look up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identifier {
    /// A person.
    Person(NationalIdentityNumber),
    /// An organisation.
    Organization(OrganizationNumber),
}

impl Identifier {
    /// How a recipient is looked up; None if it has an address of its own.
    #[must_use]
    pub fn of(recipient: &Recipient) -> Option<Self> {
        match recipient {
            Recipient::Address(_) => None,
            Recipient::Person(number) => Some(Self::Person(number.clone())),
            Recipient::Organization(number) => Some(Self::Organization(number.clone())),
        }
    }

    /// Its digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Person(number) => number.as_str(),
            Self::Organization(number) => number.as_str(),
        }
    }
}

/// What is known of one identifier.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contact {
    /// Every address to notify.
    pub addresses: Vec<String>,
    /// What `$recipientName$` stands for.
    pub name: Option<String>,
    /// Whether the person is reserved against electronic messages.
    pub reserved: bool,
}
