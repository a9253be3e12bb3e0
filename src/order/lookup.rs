//! What looking up recipients without an address of their own gave.

use serde::Serialize;

use super::recipient::{NationalIdentityNumber, OrganizationNumber, Recipient};

/// The outcome of the look-up of an order's recipients, as its 202 tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub struct RecipientLookup {
    /// How many could be reached.
    pub status: LookupStatus,
    /// The persons who are reserved against electronic messages.
    pub is_reserved: Vec<String>,
    /// The persons and organisations for whom no address is known.
    pub missing_contact: Vec<String>,
}

/// How many of the recipients that were looked up can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub enum LookupStatus {
    /// All.
    Success,
    /// Some.
    PartialSuccess,
    /// None.
    Failed,
}

impl RecipientLookup {
    /// The outcome where nobody's contacts are known; None if nobody has to be looked up.
    #[must_use]
    pub fn without_contacts(recipients: &[Recipient]) -> Option<Self> {
        let missing_contact: Vec<String> = recipients
            .iter()
            .filter_map(|recipient| match recipient {
                Recipient::Address(_) => None,
                Recipient::Organization(number) => Some(OrganizationNumber::as_str(number)),
                Recipient::Person(number) => Some(NationalIdentityNumber::as_str(number)),
            })
            .map(str::to_owned)
            .collect();
        (!missing_contact.is_empty()).then_some(Self {
            status: LookupStatus::Failed,
            is_reserved: Vec::new(),
            missing_contact,
        })
    }
}
