//! Contacts from a configured list, for tests and demonstrations.
//!
//! | variable | form | default |
//! |---|---|---|
//! | `contacts` | JSON, see below | `{}`: every contact is missing |
//!
//! ```json
//! {
//!   "persons": {
//!     "16069412345": { "addresses": ["kari@example.no"], "name": "Kari Nordmann" },
//!     "02056260016": { "reserved": true }
//!   },
//!   "organizations": {
//!     "991825827": { "addresses": ["post@example.no", "arkiv@example.no"], "name": "Eksempel AS" }
//!   }
//! }
//! ```
//!
//! Every member is optional. If the value does not have this form, every look-up fails.

#[allow(missing_docs, clippy::pedantic, reason = "generated from wit/")]
mod bindings {
    spin_sdk::wit_bindgen::generate!({
        path: "../../../wit/contacts",
        world: "contacts-component",
        runtime_path: "spin_sdk::wit_bindgen::rt",
    });
}
mod component;
mod identity;
mod list;

pub use list::{ContactList, InvalidList};
