//! A sender that uses Azure Communication Services Email, version 2025-09-01 of its API.
//!
//! | variable | form | default |
//! |---|---|---|
//! | `acs_endpoint` | like `https://name.norway.communication.azure.com` | none: every email fails as transient |
//! | `acs_access_key` | an access key of that resource, in base64 | none: the same |
//! | `acs_follow_seconds` | for how long an email that was taken is followed: 0 to 15 | `10` |
//!
//! The endpoint must be among the allowed outbound hosts. It is `https`, or `http` on a loopback
//! address, for tests.
//!
//! **Repeats.** The notification id is the `Operation-Id`: the service takes an operation once,
//! and a repeat finds the operation that is there.
//!
//! **What is accepted.** The service takes an email at once and processes it afterwards. The
//! operation is followed for the configured time, to learn of what it refuses then (a suppressed
//! recipient, say). An email that is still in process by then is accepted, like one that has
//! succeeded: whether it arrived, the service reports by Event Grid, under the operation's id.
//!
//! **Failures.** Which answer becomes which failure says [`verdict`]. Their texts name the status
//! and the service's error code, never its message.

#[allow(missing_docs, clippy::pedantic, reason = "generated from wit/")]
mod bindings {
    spin_sdk::wit_bindgen::generate!({
        path: "../../../wit/sender",
        world: "sender-component",
        runtime_path: "spin_sdk::wit_bindgen::rt",
        additional_derives: [PartialEq],
    });
}
mod component;
mod delivery;
mod message;
mod operation;
mod settings;
mod signature;
pub mod verdict;
