//! The servers that senders and claims talk to.

mod azure;
mod message;
mod postfix;
mod python;
mod redis;
mod relay;
mod resend;

use std::{env, net::TcpListener};

use test_support::left_out;

pub(crate) use self::{
    azure::Azure,
    postfix::{Mailbox, Postfix},
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

/// Returns a port that is free now.
fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("its number").port()
}
