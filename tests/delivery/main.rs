//! Tests of the senders, the contacts and what decides races, each composed into a component as a
//! manifest says, in the local host: into a probe that offers no more than they do, and into the
//! whole application.
//!
//! The SMTP server is a real one (aiosmtpd, in a Python environment that the tests set up under
//! `target/`), and so is the Redis server, which `cargo xtask test` installs where it can; Azure's
//! service is played by a server of the tests.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod acs;
mod claims;
mod contacts;
mod dev_mail;
mod imports;
mod listing;
mod orders;
mod sandbox;
mod shipped;
mod smtp;
mod stderr;
mod support;
mod trigger;
