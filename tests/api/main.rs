//! What the API promises on the wire, tested over HTTP from outside.
//!
//! Most tests share one host with its state in memory; tests that need another configuration, a
//! restart or counts start hosts of their own. Environment variables say what they run against:
//!
//! - without any, the component in the local host, in this process;
//! - `TEST_HOST=spin`: hosts that are the `spin` on `PATH`;
//! - `BASE_URL` (an `http` address without a path): one host that is already up, with default
//!   configuration except for the issuers, whose keys are in the folder `ISSUER_KEYS`;
//! - `TEST_HTTP=2`: calls in HTTP/2, where a test does not need HTTP/1.1 by itself.
//!
//! A test that needs what the host does not have prints `left out: NAME: REASON`, and passes.
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
mod http2;
mod jwks_uri;
mod keep_alive;
mod robustness;
mod routes;
mod shipped;
mod support;
