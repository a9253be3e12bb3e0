//! What the API promises on the wire, tested over HTTP from outside.
//!
//! The component runs in the local host, in this process, with state in memory; tests that need
//! another configuration, a restart or counts start hosts of their own. With `BASE_URL` (an
//! `http` address without a path) the same tests run against a host that is already up, with
//! default configuration except for the issuers, whose keys are in the folder `ISSUER_KEYS`; tests
//! that need hosts of their own then say that they are left out.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::unchecked_time_subtraction,
    reason = "a test fails by panicking"
)]

mod auth;
mod configuration;
mod cost;
mod delivery;
mod durability;
mod jwks_uri;
mod keep_alive;
mod robustness;
mod routes;
mod support;
