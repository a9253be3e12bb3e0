//! Runs the cases of `tests/cases` in this process: the API over a host made of fakes, without
//! WebAssembly, without a socket, and without waiting.
//!
//! `cargo test` runs it. It takes the arguments of `cargo test`, such as a filter.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod backend;
mod faults;
mod host;
mod log;
mod network;
mod rates;
mod sender;
mod store;

use std::process::ExitCode;

// Links the cases.
use test_cases as _;

fn main() -> ExitCode {
    log::capture();
    test_support::run(&backend::InProcess)
}
