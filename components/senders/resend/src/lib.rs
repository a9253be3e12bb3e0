//! A sender that uses the API of Resend.
//!
//! | variable | form | default |
//! |---|---|---|
//! | `resend_api_key` | an API key with sending access | none: every email fails as transient |
//! | `resend_endpoint` | may be left out | `https://api.resend.com` |
//!
//! The allowed outbound hosts must include the endpoint. It is `https`, or `http` on a loopback
//! address for tests.
//!
//! **Repeats.** The notification id is the `Idempotency-Key`. For 24 hours, Resend answers a repeat
//! with the first response and sends nothing.
//!
//! **Failures.** [`classify`] maps responses to failures. Their texts name the status and the name of
//! Resend's error, but never its message.

pub mod classify;
mod component;
mod delivery;
mod message;
mod settings;

pub use component::Resend;
