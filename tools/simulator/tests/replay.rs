//! The promise that a seed decides everything. A program of its own: simulations that run beside it in
//! one process would share the application's statics.
#![cfg(target_os = "linux")]

use simulator::{Provider, run};

#[test]
fn same_seed_gives_the_same_run() {
    for provider in [Provider::Sqlite, Provider::DynamoDb] {
        let (first, second) = (run(provider, None, 3, true), run(provider, None, 3, true));
        let differs = first.trace.iter().zip(&second.trace).find(|(a, b)| a != b);
        assert_eq!(differs, None, "{provider:?}");
        assert_eq!(first.hash, second.hash, "{provider:?}");
    }
}
