//! Starts the hosts that the black-box tests run against.
//!
//! `TEST_HOST=spin` makes every host a process of the `spin` on `PATH`; without it a host is the
//! local host, in the test's own process unless the test sends signals to it. Both kinds are
//! started from the same [`Setup`], so that a test does not know which one it has. A test that
//! needs what only the local host has (counts, faults, other providers) says so through
//! [`left_out`] where it gets a Spin.
#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod host;
mod left_out;
mod local;
mod process;
mod program;
mod setup;

pub use host::Host;
pub use left_out::left_out;
pub use program::Program;
pub use setup::Setup;
