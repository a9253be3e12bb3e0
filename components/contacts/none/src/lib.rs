//! Contacts where there are none: nobody has an address, a name or a reservation.
//!
//! Orders that name their recipients by address need no more. It reads no variable and asks
//! nothing of its host.

#[allow(missing_docs, clippy::pedantic, reason = "generated from wit/")]
mod bindings {
    spin_sdk::wit_bindgen::generate!({
        path: "../../../wit/contacts",
        world: "contacts-component",
        runtime_path: "spin_sdk::wit_bindgen::rt",
    });
}

use bindings::exports::email_orders::contacts::contacts::{Contact, Guest, Identifier};

struct Nobody;

impl Guest for Nobody {
    async fn look_up(identifiers: Vec<Identifier>) -> Result<Vec<Contact>, String> {
        let missing = |_| Contact {
            addresses: Vec::new(),
            name: None,
            reserved: false,
        };
        Ok(identifiers.into_iter().map(missing).collect())
    }
}

#[cfg(target_family = "wasm")]
bindings::export!(Nobody with_types_in bindings);
