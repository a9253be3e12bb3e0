//! The API's contract, as cases that run on any host.
//!
//! The modules mirror the URLs and the variables. `tests/in_process` and `tests/api` run the cases.
#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod auth;
mod configuration;
pub mod delivery;
mod jwks_uri;
mod robustness;
pub mod routes;
