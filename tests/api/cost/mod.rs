//! What requests cost, in what can be counted: calls to the host, instructions, linear memory.
//! The counts are exact where times are noisy.

mod calls;
mod fuel;
mod memory;
mod stored;

use std::{
    io::Write as _,
    time::{Duration, Instant},
};

use local_host::CallCounts;
use tokio::time::sleep;

use crate::support::{Call, Host, call::Connection, order::order, order::post_order};

/// For how long the configuration is used before it is read again.
const CONFIGURATION_LIFETIME: Duration = Duration::from_secs(2);

/// The calls to the host of one request, in an instance that has just served another one.
///
/// The configuration must not come of age in between; on a busy machine it is tried again.
async fn warm_calls(host: &Host, call: impl Fn() -> Call, status: u16) -> CallCounts {
    let mut connection = Connection::open(host).await;
    for _ in 0..10 {
        sleep(CONFIGURATION_LIFETIME).await;
        let begun = Instant::now();
        connection.send(post_order(&order())).await.expect(202);
        host.reset_calls();
        connection.send(call()).await.expect(status);
        let calls = host.calls();
        if begun.elapsed() < CONFIGURATION_LIFETIME {
            return calls;
        }
    }
    panic!("two requests take longer than {CONFIGURATION_LIFETIME:?}");
}

/// Says something that is to be read although the test passes.
fn report(line: &str) {
    writeln!(std::io::stderr(), "{line}").expect("standard error");
}
