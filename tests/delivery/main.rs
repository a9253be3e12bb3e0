//! Tests of the senders and the contacts, each composed into a component as a manifest says, in
//! the local host. The SMTP server is a real one (aiosmtpd, in a Python environment that the tests
//! set up under `target/`); Azure's service is played by a server of the tests.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod acs;
mod contacts;
mod sandbox;
mod smtp;
mod support;
