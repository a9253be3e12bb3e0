//! A sender that uses Azure Communication Services Email, version 2025-09-01 of its API.
//!
//! | variable | form | default |
//! |---|---|---|
//! | `acs_endpoint` | for example `https://name.norway.communication.azure.com` | none: every email fails as transient |
//! | `acs_access_key` | an access key of that resource, in base64 | none: the same |
//! | `acs_follow_seconds` | how long to follow an accepted operation, in seconds: 0 to 15 | none: the same |
//!
//! The allowed outbound hosts must include the endpoint. It is `https`, or `http` on a loopback
//! address for tests.
//!
//! **Repeats.** The notification id is the `Operation-Id`. The service accepts an operation once;
//! a repeat gets 409 and follows the existing operation. If that one has failed in a way that may
//! pass, the next of up to eight ids that are derived from the notification id starts a new
//! operation. `Repeatability-Request-Id` and `Repeatability-First-Sent` are the same in repeats within
//! three minutes; the service tracks them for five.
//!
//! **Addresses.** Internationalized domains are sent in their ASCII form.
//!
//! **Acceptance.** The service accepts an email at once and processes it afterwards. The sender
//! follows the operation for the configured time, to learn of late refusals such as a suppressed
//! recipient. An operation that is still in progress by then counts as accepted, like one that has
//! succeeded. The service reports the final delivery by Event Grid, under the operation's id.
//!
//! **Failures.** [`classify`] maps responses to failures. Their texts name the status and the
//! service's error code, but never its message.

pub mod classify;
mod component;
mod delivery;
mod identity;
mod message;
mod operation;
mod settings;
mod signature;

pub use component::AzureCommunicationServices;
