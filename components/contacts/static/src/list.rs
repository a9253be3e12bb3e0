//! The configured list.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{
    bindings::exports::email_orders::contacts::contacts::{Contact, Identifier},
    identity::{Address, Organization, Person},
};

/// The contacts in the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ContactList {
    persons: BTreeMap<Person, PersonEntry>,
    organizations: BTreeMap<Organization, OrganizationEntry>,
}

/// The position of an error in the variable.
///
/// Omits the message of serde_json, which quotes the input: names and identity numbers must not
/// get into the operator's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the variable contacts is not a valid list: see line {line}, column {column}")]
pub struct InvalidList {
    line: usize,
    column: usize,
}

impl From<serde_json::Error> for InvalidList {
    fn from(error: serde_json::Error) -> Self {
        Self {
            line: error.line(),
            column: error.column(),
        }
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct PersonEntry {
    addresses: Vec<Address>,
    name: Option<String>,
    reserved: bool,
}

/// An organisation has no reservation.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct OrganizationEntry {
    addresses: Vec<Address>,
    name: Option<String>,
}

impl ContactList {
    /// Parses the variable `contacts`.
    pub fn parse(text: &str) -> Result<Self, InvalidList> {
        Ok(serde_json::from_str(text)?)
    }

    /// Returns the contact of an identifier; an empty one if the identifier is unknown.
    pub(crate) fn look_up(&self, identifier: Identifier) -> Contact {
        match identifier {
            Identifier::Person(number) => Person::try_from(number)
                .ok()
                .and_then(|number| self.persons.get(&number))
                .cloned()
                .unwrap_or_default()
                .into(),
            Identifier::Organization(number) => Organization::try_from(number)
                .ok()
                .and_then(|number| self.organizations.get(&number))
                .cloned()
                .unwrap_or_default()
                .into(),
        }
    }
}

impl From<PersonEntry> for Contact {
    fn from(entry: PersonEntry) -> Self {
        Self {
            addresses: entry.addresses.into_iter().map(String::from).collect(),
            name: entry.name,
            reserved: entry.reserved,
        }
    }
}

impl From<OrganizationEntry> for Contact {
    fn from(OrganizationEntry { addresses, name }: OrganizationEntry) -> Self {
        PersonEntry {
            addresses,
            name,
            reserved: false,
        }
        .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = r#"{
        "persons": {
            "16069412345": { "addresses": ["kåre@example.no"], "name": "Kåre Ås" },
            "02056260016": { "reserved": true }
        },
        "organizations": {
            "991825827": { "addresses": ["post@example.no", "arkiv@example.no"] }
        }
    }"#;

    fn person(number: &str) -> Contact {
        let list = ContactList::parse(LIST).unwrap();
        list.look_up(Identifier::Person(number.to_owned()))
    }

    fn organization(number: &str) -> Contact {
        let list = ContactList::parse(LIST).unwrap();
        list.look_up(Identifier::Organization(number.to_owned()))
    }

    #[test]
    fn look_up_known_identifier_returns_contact() {
        let contact = person("16069412345");
        assert_eq!(contact.addresses, ["kåre@example.no"]);
        assert_eq!(contact.name.as_deref(), Some("Kåre Ås"));
        assert!(!contact.reserved);
        assert!(person("02056260016").reserved);
        assert_eq!(organization("991825827").addresses.len(), 2);
    }

    #[test]
    fn look_up_unknown_identifier_returns_empty_contact() {
        for unknown in [
            person("16069412346"),
            person("991825827"),
            person("x"),
            organization("991825828"),
        ] {
            assert!(unknown.addresses.is_empty() && unknown.name.is_none() && !unknown.reserved);
        }
    }

    #[test]
    fn parse_error_has_position_and_no_quotation() {
        for (text, line, column) in [
            ("", 1, 0),
            (r#"{"people": {}}"#, 1, 9),
            (r#"{"persons": {"1606941234": {}}}"#, 1, 25),
            (r#"{"persons": "16069412345"}"#, 1, 25),
            (r#"{"persons": {"16069412345": "Kari"}}"#, 1, 34),
            ("{\n  \"16069412345\": {}\n}", 2, 15),
            (r#"{"persons": {"16069412345": {"Kari": 1}}}"#, 1, 35),
            (
                r#"{"persons": {"16069412345": {"reserved": 16069412345}}}"#,
                1,
                52,
            ),
            (r#"{"organizations": {"9918258271": {}}}"#, 1, 31),
            (
                r#"{"organizations": {"991825827": {"reserved": true}}}"#,
                1,
                43,
            ),
            (
                r#"{"persons": {"16069412345": {"addresses": ["kari"]}}}"#,
                1,
                50,
            ),
            (
                r#"{"persons": {"16069412345": {"addresses": ["a@b\r\nBcc: c@d"]}}}"#,
                1,
                61,
            ),
        ] {
            let error = ContactList::parse(text).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!(
                    "the variable contacts is not a valid list: see line {line}, column {column}"
                ),
                "{text}"
            );
        }
    }

    #[test]
    fn parse_default_value_succeeds() {
        assert!(ContactList::parse("{}").is_ok());
    }
}
