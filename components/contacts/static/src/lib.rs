//! Contacts from a configured list: enough to try everything that contacts decide.
//!
//! | variable | form | default |
//! |---|---|---|
//! | `contacts` | JSON, below | `{}`: everyone is missing |
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
//! Every member may be left out. A list that is not of this form is an error at every look-up, and
//! no part of it counts.

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
