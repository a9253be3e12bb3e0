//! The configured list.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{
    bindings::exports::email_orders::contacts::contacts::{Contact, Identifier},
    identity::{Address, Organization, Person},
};

/// The contacts that are known.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ContactList {
    persons: BTreeMap<Person, PersonEntry>,
    organizations: BTreeMap<Organization, OrganizationEntry>,
}

/// Why the variable holds no list.
#[derive(Debug, thiserror::Error)]
#[error("the variable contacts: {0}")]
pub struct InvalidList(#[from] serde_json::Error);

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct PersonEntry {
    addresses: Vec<Address>,
    name: Option<String>,
    reserved: bool,
}

/// An organisation cannot reserve itself.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct OrganizationEntry {
    addresses: Vec<Address>,
    name: Option<String>,
}

impl ContactList {
    /// Reads the variable `contacts`.
    pub fn parse(text: &str) -> Result<Self, InvalidList> {
        Ok(serde_json::from_str(text)?)
    }

    /// What is known of this identifier; nothing of an unknown one.
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
    fn the_known_are_found() {
        let found = person("16069412345");
        assert_eq!(found.addresses, ["kåre@example.no"]);
        assert_eq!(found.name.as_deref(), Some("Kåre Ås"));
        assert!(!found.reserved);
        assert!(person("02056260016").reserved);
        assert_eq!(organization("991825827").addresses.len(), 2);
    }

    #[test]
    fn the_unknown_are_empty() {
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
    fn a_list_of_another_form_is_an_error_without_an_identifier() {
        for (text, why) in [
            ("", "EOF"),
            (r#"{"people": {}}"#, "unknown field"),
            (r#"{"persons": {"1606941234": {}}}"#, "not 11 digits"),
            (r#"{"organizations": {"9918258271": {}}}"#, "not 9 digits"),
            (
                r#"{"organizations": {"991825827": {"reserved": true}}}"#,
                "unknown field",
            ),
            (
                r#"{"persons": {"16069412345": {"addresses": ["kari"]}}}"#,
                "someone@example.no",
            ),
            (
                r#"{"persons": {"16069412345": {"addresses": ["a@b\r\nBcc: c@d"]}}}"#,
                "someone@example.no",
            ),
        ] {
            let error = ContactList::parse(text).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
            assert!(
                !error.contains("160694") && !error.contains("99182"),
                "{error}"
            );
        }
    }

    #[test]
    fn nothing_configured_is_nobody() {
        assert!(ContactList::parse("{}").is_ok());
    }
}
