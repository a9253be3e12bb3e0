//! A few seeds of each provider.

use simulator::{Plant, Provider, run};

const SEEDS: u64 = 2;

#[test]
fn few_seeds_of_each_provider_break_no_rule() {
    for provider in Provider::ALL {
        for seed in 0..SEEDS {
            let outcome = run(provider, None, seed, false);
            assert_eq!(outcome.violation, None, "{provider:?}, seed {seed}");
        }
    }
}

#[test]
fn planted_faults_of_the_host_are_found() {
    for plant in [
        Plant::ClaimsForAll,
        Plant::RepeatedNumbers,
        Plant::LostWrites,
    ] {
        let mut seeds = 0..20;
        let found = seeds.find(|seed| {
            let outcome = run(Provider::Sqlite, Some(plant), *seed, false);
            outcome.violation.is_some()
        });
        assert!(found.is_some(), "{plant:?}");
    }
}
