//! The cost of requests in units that can be counted exactly: calls to the host, instructions, linear
//! memory.

mod calls;
mod fuel;
mod memory;
mod stored;

use std::io::Write as _;

use local_host::{Call as HostCall, CallCounts};
use test_hosts::Host;
use test_support::{
    Call,
    order::{order_for_later, post_order},
};

/// Returns the calls to the host of one request, in an instance that has opened its store and read
/// its configuration.
///
/// It tries again if the host chooses another instance, or the configuration expires in between.
async fn warm_calls(host: &Host, call: impl Fn() -> Call, status: u16) -> CallCounts {
    let mut connection = host.connect().await;
    for _ in 0..20 {
        connection
            .send(post_order(&order_for_later()))
            .await
            .expect(202);
        host.reset_counts();
        connection.send(call()).await.expect(status);
        let calls = host.calls();
        if calls.get(HostCall::Open) == 0 && calls.get(HostCall::VariableGet) == 0 {
            return calls;
        }
    }
    panic!("no instance keeps its store open and its configuration");
}

/// Prints a line also if the test passes.
fn report(line: &str) {
    writeln!(std::io::stderr(), "{line}").expect("standard error");
}
