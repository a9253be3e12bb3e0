//! The components that decide races: the same cases for each, on every key-value provider.

mod atomics;
mod cases;
mod redis;
mod registers;

use std::sync::Arc;

use local_host::{Call, Fault, Hook, Phase, Provider};
use test_hosts::reasons;

use crate::{
    app::{App, Claims},
    probe::Probe,
};

const PROVIDERS: [Provider; 4] = [
    Provider::Sqlite,
    Provider::Redis,
    Provider::Cosmos,
    Provider::Dynamo,
];

/// Serves the probe with this component, on a provider and with faults. Each request has an instance
/// of its own while it is in progress.
async fn probe(claims: Claims, provider: Provider, hook: Option<Hook>) -> Probe {
    let app = App {
        claims,
        ..App::default()
    };
    app.serve_probe_locally(reasons::PROVIDERS, |options| {
        options.provider = provider;
        options.hook = hook;
        options.reuse.concurrent = 1;
    })
    .await
}

/// Lets the `nth` call of a kind fail after its effect.
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
