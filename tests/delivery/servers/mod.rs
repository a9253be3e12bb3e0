//! The servers that senders and claims talk to.

mod azure;
mod python;
mod redis;
mod relay;
mod resend;

use std::env;

use test_support::left_out;

pub(crate) use self::{
    azure::Azure,
    redis::Redis,
    relay::{Features, Relay},
    resend::Resend,
};

/// Returns a program. If it is missing, the test is left out; in CI it fails.
fn or_left_out<T>(program: Result<T, &String>, what: &str) -> T {
    program.unwrap_or_else(|why| {
        let is_ci = env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(!is_ci, "no {what}: {why}");
        left_out(format!("there is no {what}: {why}"))
    })
}
