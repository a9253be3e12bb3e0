//! A sender that hands each email to an SMTP relay (RFC 5321), without encryption.
//!
//! | variable | form | default |
//! |---|---|---|
//! | `smtp_relay` | IP address and port, like `127.0.0.1:1025` or `[::1]:25` | none: every email fails as transient |
//! | `smtp_from_name` | the name beside the sender's address | empty: the address alone |
//!
//! The allowed outbound hosts must include the relay's address (`*://127.0.0.1:1025`). The sender
//! uses neither encryption nor authentication, so the relay must be on a trusted network.
//!
//! An email is accepted when the relay has taken it. Its `Message-ID`, derived from the
//! notification id, is the provider's id and the same in every repeat. One connection serves one
//! email. [`classify`] maps replies to failures. The texts of failures name the reply code and the
//! step, but never the relay's text, which often contains the address.
//!
//! The sockets are those of WASI 0.3, so a slow relay delays only its own email. (Calls of
//! `std::net` would block every other request of the same instance.)

mod address;
mod body;
pub mod classify;
mod component;
mod header;
mod message;
mod reply;
mod session;
mod settings;
mod tcp;

pub use component::Smtp;
