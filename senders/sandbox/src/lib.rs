//! A sender that sends nothing: it keeps every email in the key-value store, and shows them.
//!
//! One component with two exports:
//!
//! - `email-orders:sender/sender`, what the order component calls. It needs the store `default`;
//! - an HTTP handler, the development page, served wherever the manifest routes to it (say
//!   `/dev/mail/...`). It shows all mail to everyone, and so only where the variable `dev_mail` is
//!   `open`: see [`page::Access`].
//!
//! The sender reads no variable. What becomes of an email is decided by its recipient: the local
//! part names a [`Simulation`]. What is kept, and under which keys, says [`journal`].

#[allow(missing_docs, clippy::pedantic, reason = "generated from wit/")]
mod bindings {
    spin_sdk::wit_bindgen::generate!({
        path: "../../wit/sender",
        world: "sender-component",
        runtime_path: "spin_sdk::wit_bindgen::rt",
        additional_derives: [PartialEq],
    });
}
mod component;
pub mod journal;
mod mail;
pub mod page;
// Shared with the API: the workaround for responses to HEAD.
#[cfg(target_family = "wasm")]
#[path = "../../../src/component/response.rs"]
mod response;
mod sandbox;
mod simulation;
mod store;
// The same file as the API's: there is one rule for trace ids.
#[path = "../../../src/http/trace.rs"]
mod trace;

pub use mail::Mail;
pub use sandbox::Sandbox;
pub use simulation::{Outcome, Simulation};
pub use store::{KeyValue, StoreError};
