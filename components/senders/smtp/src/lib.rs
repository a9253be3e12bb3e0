//! A sender that hands each email to an SMTP relay (RFC 5321), without encryption.
//!
//! | variable | form | default |
//! |---|---|---|
//! | `smtp_relay` | IP address and port, like `127.0.0.1:1025` or `[::1]:25`; several, separated by commas, in order of preference | none: every email fails as transient |
//! | `smtp_from_name` | the name beside the sender's address | empty: the address alone |
//! | `smtp_ehlo_name` | the host name by which the sender greets relays | empty: its IP address |
//!
//! The allowed outbound hosts must include the address of each relay (`*://127.0.0.1:1025`).
//!
//! **No TLS.** The sender has neither TLS nor AUTH, so the relay must be on a trusted network, or on
//! this machine and hand emails on over TLS. rustls needs a cryptography provider, and in November
//! 2026 none in pure Rust is fit for production: `rustls-rustcrypto` 0.0.2-alpha (April 2024) says
//! that it must not be used there, and depends on rustls-webpki 0.102, which has an open advisory
//! (RUSTSEC-2026-0104); `oxitls-rustcrypto-provider` 0.3 is a copy of it without that dependency and with
//! the same warning; `rustls-graviola` 0.4 compiles for 64-bit processors only. The place for TLS
//! is an implementation of `session::Connection`.
//!
//! **Connections.** A session serves many emails, one after the other, with pipelining
//! (RFC 2920) where the relay offers it. An unused session is kept for five seconds. It ends after 50
//! emails or several refusals in a row, because relays refuse or delay what comes next; and with the
//! instance, without QUIT. If a relay cannot be used, the next one gets the email, and the relay is
//! avoided for half a minute. A relay that refuses an email does not send it to another relay.
//!
//! **Time.** A call ends within 30 seconds. The text is sent only in the first 18 of them, and the
//! relay may take until second 28 for its answer. An email without an answer may have been delivered.
//! The sender records it in the key-value store, if the manifest lets it use the store, and repeats it
//! after half an hour, after six hours and then once a day.
//!
//! **Outcome.** An email is accepted when the relay has taken it. Its `Message-ID`, derived from the
//! notification id, is the provider's id and the same in every repeat. [`classify`] maps replies to
//! failures. The texts of failures name the reply code and the step, but never the relay's text,
//! which often contains the address.
//!
//! The sockets are those of WASI 0.3, so a slow relay delays only its own email. (Calls of
//! `std::net` would block every other request of the same instance.)

mod address;
mod body;
pub mod classify;
mod component;
mod delivery;
#[cfg(test)]
mod fake;
mod header;
mod message;
mod pool;
mod reply;
mod session;
mod settings;
mod tcp;
mod unanswered;

pub use component::Smtp;
