//! The senders, the contacts and the claims in a real host: each composed into a probe that offers only
//! them, and into the whole application.
//!
//! The SMTP server is a real one (aiosmtpd, in a Python environment under `target/`), and so are the
//! MTA (Postfix) and the Redis server, which `cargo xtask test` installs where it can. Azure and Resend
//! are played by the tests.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod acs;
mod app;
mod claims;
mod contacts;
mod dev_mail;
mod email;
mod imports;
mod listing;
mod orders;
mod probe;
mod resend;
mod sandbox;
mod servers;
mod shipped;
mod smtp;
mod stderr;
mod trigger;

use std::process::ExitCode;

fn main() -> ExitCode {
    test_support::run(&test_hosts::Real)
}
