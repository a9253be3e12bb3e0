//! What decides races: the same cases for every component that does, on every key-value provider.

mod atomics;
mod cases;
mod redis;
mod registers;

use std::sync::Arc;

use local_host::{Call, Fault, Hook, Phase, Provider};

const PROVIDERS: [Provider; 4] = [
    Provider::Sqlite,
    Provider::Redis,
    Provider::Cosmos,
    Provider::Dynamo,
];

/// Lets the `nth` call of a kind have its effect, and then fail.
fn lose_answer(call: Call, nth: u64) -> Hook {
    Arc::new(move |moment| {
        let is_it = moment.call == call && moment.nth == nth && moment.phase == Phase::After;
        let fault = if is_it {
            Fault::Fail("injected failure".to_owned())
        } else {
            Fault::None
        };
        Box::pin(async move { fault })
    })
}
