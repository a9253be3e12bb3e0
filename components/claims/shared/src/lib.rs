//! What the components that decide races have in common: the bindings of their interface, and names
//! that suit every store.

mod word;

pub use bindings::exports::email_orders::claims::claims::{Failure, Guest};
pub use word::Word;

/// The bindings of `wit/claims`; each component exports itself with `bindings::export!`.
#[allow(
    missing_docs,
    clippy::pedantic,
    unused_qualifications,
    reason = "generated from wit/"
)]
pub mod bindings {
    spin_sdk::wit_bindgen::generate!({
        path: "../../../wit/claims",
        world: "claims-component",
        runtime_path: "spin_sdk::wit_bindgen::rt",
        additional_derives: [PartialEq],
        pub_export_macro: true,
    });
}

/// Returns a failure that leaves open who was first.
#[must_use]
pub fn inconclusive(why: impl ToString) -> Failure {
    Failure::Inconclusive(why.to_string())
}
