//! Code that the claims components share: the bindings of `wit/claims`, and names that suit every
//! store.

mod name;

pub use bindings::exports::email_orders::claims::claims::{Failure, Guest};
pub use name::Name;
use spin_store::StoreError;

/// The bindings of `wit/claims`. Each component exports itself with `bindings::export!`.
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

/// Returns the failure for a call whose effect, or whose winner, is unknown.
#[must_use]
pub fn inconclusive(reason: impl ToString) -> Failure {
    Failure::Inconclusive(reason.to_string())
}

/// Converts the value of a counter to the next number of a sequence.
pub fn sequence_number(counter: i64) -> Result<u64, Failure> {
    u64::try_from(counter).map_err(|_| inconclusive("the sequence is below zero"))
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        inconclusive(error)
    }
}
