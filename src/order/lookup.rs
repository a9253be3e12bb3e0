//! The result of looking up recipients without an address of their own.

use serde::Serialize;

use super::contact::{Contact, Identifier};

/// The result of looking up an order's recipients, as its 202 tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub struct RecipientLookup {
    /// The share of them that can be reached.
    pub status: LookupStatus,
    /// The persons who are reserved against electronic messages.
    pub is_reserved: Vec<String>,
    /// The persons and organisations for whom no address is known.
    pub missing_contact: Vec<String>,
}

/// The share of the looked-up recipients that can be reached.
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
    /// Returns the result for these identifiers. `contacts` has one contact for each of them, or fewer
    /// if the look-up failed; an identifier without a contact has no address.
    #[must_use]
    pub fn of(identifiers: &[Identifier], contacts: &[Contact], ignore_reservation: bool) -> Self {
        let mut is_reserved = Vec::new();
        let mut missing_contact = Vec::new();
        for (place, identifier) in identifiers.iter().enumerate() {
            let contact = contacts.get(place);
            let number = || identifier.as_str().to_owned();
            if contact.is_some_and(|contact| contact.reserved) && !ignore_reservation {
                is_reserved.push(number());
            } else if contact.is_none_or(|contact| contact.addresses.is_empty()) {
                missing_contact.push(number());
            }
        }
        let unreachable = is_reserved.len() + missing_contact.len();
        Self {
            status: match unreachable {
                0 => LookupStatus::Success,
                all if all == identifiers.len() => LookupStatus::Failed,
                _ => LookupStatus::PartialSuccess,
            },
            is_reserved,
            missing_contact,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::{NationalIdentityNumber, OrganizationNumber};

    #[test]
    fn of_lists_reserved_and_missing_recipients() {
        let identifiers = [
            Identifier::Person(NationalIdentityNumber::parse("16069412345").unwrap()),
            Identifier::Organization(OrganizationNumber::parse("123456789").unwrap()),
        ];
        let known = || Contact {
            addresses: vec!["a@b.no".to_owned()],
            ..Contact::default()
        };
        let reserved = || Contact {
            reserved: true,
            ..known()
        };
        let (person, company) = (vec!["16069412345"], vec!["123456789"]);
        for (contacts, ignore, status, is_reserved, missing) in [
            (
                vec![known(), known()],
                false,
                LookupStatus::Success,
                vec![],
                vec![],
            ),
            (
                vec![reserved(), known()],
                true,
                LookupStatus::Success,
                vec![],
                vec![],
            ),
            (
                vec![reserved(), known()],
                false,
                LookupStatus::PartialSuccess,
                person.clone(),
                vec![],
            ),
            (
                vec![known(), Contact::default()],
                false,
                LookupStatus::PartialSuccess,
                vec![],
                company.clone(),
            ),
            (
                vec![reserved(), Contact::default()],
                false,
                LookupStatus::Failed,
                person.clone(),
                company.clone(),
            ),
            // The look-up failed.
            (
                vec![],
                false,
                LookupStatus::Failed,
                vec![],
                [person, company].concat(),
            ),
        ] {
            let lookup = RecipientLookup::of(&identifiers, &contacts, ignore);
            assert_eq!(lookup.status, status, "{contacts:?}");
            assert_eq!(lookup.is_reserved, is_reserved, "{contacts:?}");
            assert_eq!(lookup.missing_contact, missing, "{contacts:?}");
        }
    }
}
