//! The WebAssembly component.

use spin_sdk::variables;

use crate::{
    bindings::exports::email_orders::contacts::contacts::{Contact, Guest, Identifier},
    list::ContactList,
};

struct StaticContacts;

impl Guest for StaticContacts {
    async fn look_up(identifiers: Vec<Identifier>) -> Result<Vec<Contact>, String> {
        let text = variables::get("contacts")
            .await
            .map_err(|error| format!("the variable contacts: {error}"))?;
        let list = ContactList::parse(&text).map_err(|error| error.to_string())?;
        Ok(identifiers
            .into_iter()
            .map(|identifier| list.look_up(identifier))
            .collect())
    }
}

#[cfg(target_family = "wasm")]
crate::bindings::export!(StaticContacts with_types_in crate::bindings);
