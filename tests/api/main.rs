//! The API on a real host: the cases of `tests/cases`, and what only a real host shows.
//!
//! `tests/hosts` says which environment variables choose the host.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod cost;
mod delivery;
mod documentation;
mod durability;
mod http2;
mod keep_alive;
mod network;
mod providers;
mod raw;
mod shared_tokens;
mod shipped;

use std::process::ExitCode;

fn main() -> ExitCode {
    test_support::run(&test_hosts::Real)
}
