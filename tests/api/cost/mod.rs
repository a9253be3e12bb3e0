//! What requests cost, in what can be counted: calls to the host, instructions, linear memory.
//! The counts are exact where times are noisy.

mod calls;
mod fuel;
mod memory;
mod stored;

use std::io::Write as _;

use local_host::{Call as HostCall, CallCounts};

use crate::support::{Call, Host, call::Connection, order::order_for_later, order::post_order};

/// The calls to the host of one request, in an instance that has its store open and its
/// configuration read.
///
/// Which instance gets a request is the host's to choose, and a configuration may come of age in
/// between: then it is tried again.
async fn warm_calls(host: &Host, call: impl Fn() -> Call, status: u16) -> CallCounts {
    let mut connection = Connection::open(host).await;
    for _ in 0..20 {
        connection
            .send(post_order(&order_for_later()))
            .await
            .expect(202);
        host.reset_calls();
        connection.send(call()).await.expect(status);
        let calls = host.calls();
        if calls.get(HostCall::Open) == 0 && calls.get(HostCall::VariableGet) == 0 {
            return calls;
        }
    }
    panic!("no instance keeps its store open and its configuration");
}

/// Says something that is to be read although the test passes.
fn report(line: &str) {
    writeln!(std::io::stderr(), "{line}").expect("standard error");
}
