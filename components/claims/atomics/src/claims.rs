//! Claims and sequences in a store.

use std::cell::Cell;

use claims_shared::{Failure, Name, inconclusive, sequence_number};

use super::{
    Contender, KeyValue, StoreError,
    method::{Method, has_exclusive_swaps, holds_at_least, probe},
    number,
};

/// The key of the stored method.
const METHOD_KEY: &str = "eo:claims";

/// Claims and sequences in a store; holds what this instance knows of the provider.
#[derive(Debug, Default)]
pub struct Claims {
    method: Cell<Option<Method>>,
    /// Whether this instance has read back a number that it added to.
    increments_verified: Cell<bool>,
}

impl Claims {
    /// Claims a name for a contender.
    pub fn claim(
        &self,
        store: &impl KeyValue,
        name: &Name,
        contender: Contender,
    ) -> Result<(), Failure> {
        let key = format!("eo:claim:{name}");
        match self.method(store)? {
            Method::Increment => self.claim_by_increment(store, &key, contender),
            Method::Swap => claim_by_swap(store, &key, contender),
        }
    }

    /// Takes the next number of a sequence.
    pub fn next(&self, store: &impl KeyValue, sequence: &Name) -> Result<u64, Failure> {
        let key = format!("eo:sequence:{sequence}");
        let number = match self.method(store)? {
            Method::Increment => {
                let number = store.increment(&key, 1)?;
                self.verify_increments(store, &key, number)?;
                number
            }
            Method::Swap => next_by_swap(store, &key)?,
        };
        sequence_number(number)
    }

    fn claim_by_increment(
        &self,
        store: &impl KeyValue,
        key: &str,
        contender: Contender,
    ) -> Result<(), Failure> {
        // A late contender adds nothing, so that a repeat of the winner's claim still wins.
        if let Some(decision) = read_decision(store, key, contender)? {
            return decision;
        }
        match store.increment(key, contender.number()) {
            Ok(sum) if contender.is_alone_in(sum) => self.verify_increments(store, key, sum),
            Ok(_) => Err(Failure::Lost),
            // The failed call may have added: the sum decides.
            Err(error) => {
                read_decision(store, key, contender)?.unwrap_or_else(|| Err(error.into()))
            }
        }
    }

    /// Checks, once per instance, that the provider stores numbers as readable values: the stored
    /// method may be of another provider.
    fn verify_increments(&self, store: &impl KeyValue, key: &str, sum: i64) -> Result<(), Failure> {
        if self.increments_verified.get() || holds_at_least(store, key, sum) {
            self.increments_verified.set(true);
            return Ok(());
        }
        self.method.set(None);
        // If this fails, the next instance discards the method.
        let _ = store.delete(METHOD_KEY);
        Err(inconclusive("a number could not be read back"))
    }

    fn method(&self, store: &impl KeyValue) -> Result<Method, StoreError> {
        if let Some(method) = self.method.get() {
            return Ok(method);
        }
        let stored = store.get(METHOD_KEY)?;
        let method = match stored.as_deref().and_then(Method::parse) {
            Some(Method::Increment) => Method::Increment,
            Some(Method::Swap) if has_exclusive_swaps(store) => Method::Swap,
            _ => {
                let method = probe(store)?;
                // Only spares other instances the probe, so an error does not matter.
                let _ = store.set(METHOD_KEY, method.name());
                method
            }
        };
        self.method.set(Some(method));
        Ok(method)
    }
}

fn claim_by_swap(store: &impl KeyValue, key: &str, contender: Contender) -> Result<(), Failure> {
    let error = match try_swap(store, key, contender) {
        Ok(decision) => return decision,
        Err(error) => error,
    };
    // The failed swap may have had its effect: the key decides.
    match read_decision(store, key, contender) {
        Ok(decision) => decision.unwrap_or_else(|| Err(error.into())),
        // Cosmos DB cannot read a number as a value. An instance with the wrong method wrote this
        // one, so a later attempt would not decide the claim either.
        Err(_) if store.exists(key) == Ok(true) => Err(Failure::Lost),
        Err(unreadable) => Err(unreadable.into()),
    }
}

/// Swaps a contender in. Returns the decision, or an error if the store does not tell.
fn try_swap(
    store: &impl KeyValue,
    key: &str,
    contender: Contender,
) -> Result<Result<(), Failure>, StoreError> {
    let (swap, winner) = store.start_swap(key)?;
    if let Some(winner) = winner {
        return Ok(decision(contender.has_won(&winner)));
    }
    if store.finish_swap(swap, &contender.value())? {
        return Ok(Ok(()));
    }
    // Probably another contender was faster. The failed swap does not prove it: Cosmos DB reports
    // every error in the same way, before or after the write (Spin 4.1).
    Err(StoreError(
        "a swap failed, and the key has no winner".to_owned(),
    ))
}

fn next_by_swap(store: &impl KeyValue, key: &str) -> Result<i64, Failure> {
    let (swap, value) = store.start_swap(key)?;
    let last = match value {
        Some(value) => number::parse(&value)
            .ok_or_else(|| inconclusive("the value of the sequence is not a number"))?,
        None => 0,
    };
    if store.finish_swap(swap, &number::encode(last + 1))? {
        Ok(last + 1)
    } else {
        Err(Failure::Lost)
    }
}

/// Returns how a claim was decided, if its key has a value.
fn read_decision(
    store: &impl KeyValue,
    key: &str,
    contender: Contender,
) -> Result<Option<Result<(), Failure>>, StoreError> {
    let value = store.get(key)?;
    Ok(value.map(|value| decision(contender.has_won(&value))))
}

fn decision(has_won: bool) -> Result<(), Failure> {
    if has_won { Ok(()) } else { Err(Failure::Lost) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake_store::{FakeStore, FaultTiming, Provider};

    fn name(text: &str) -> Name {
        Name::parse(text.to_owned()).unwrap()
    }

    fn claim(
        claims: &Claims,
        store: &FakeStore,
        key: &str,
        contender: &str,
    ) -> Result<(), Failure> {
        let contender = Contender::of(&name(contender));
        claims.claim(store, &name(key), contender)
    }

    /// Makes a claim as a new instance.
    fn claim_anew(store: &FakeStore, name: &str, contender: &str) -> Result<(), Failure> {
        claim(&Claims::default(), store, name, contender)
    }

    fn sound_method(provider: Provider) -> Method {
        match provider {
            Provider::Cosmos => Method::Swap,
            Provider::Sqlite | Provider::Redis | Provider::Dynamo => Method::Increment,
        }
    }

    #[test]
    fn claim_of_first_contender_wins_and_repeats() {
        for provider in Provider::ALL {
            let store = FakeStore::like(provider);
            let claims = Claims::default();
            let claim = |name, contender| claim(&claims, &store, name, contender);
            assert_eq!(claim("x", "a"), Ok(()));
            assert_eq!(claim("x", "a"), Ok(()));
            assert_eq!(claim("x", "b"), Err(Failure::Lost), "{provider:?}");
            assert_eq!(claim("x", "a"), Ok(()), "{provider:?}");
            assert_eq!(claim("y", "b"), Ok(()));
            assert_eq!(claim_anew(&store, "x", "b"), Err(Failure::Lost));
            assert_eq!(claim_anew(&store, "x", "a"), Ok(()));
        }
    }

    #[test]
    fn next_returns_consecutive_numbers() {
        for provider in Provider::ALL {
            let store = FakeStore::like(provider);
            let claims = Claims::default();
            for number in 1..=3 {
                assert_eq!(claims.next(&store, &name("s")), Ok(number), "{provider:?}");
            }
            assert_eq!(claims.next(&store, &name("t")), Ok(1));
            assert_eq!(Claims::default().next(&store, &name("s")), Ok(4));
        }
    }

    #[test]
    fn second_instance_skips_probe_and_no_probe_key_remains() {
        for provider in Provider::ALL {
            let store = FakeStore::like(provider);
            assert_eq!(claim_anew(&store, "x", "a"), Ok(()));
            let stored = store.value(METHOD_KEY);
            assert_eq!(stored.as_deref(), Some(sound_method(provider).name()));
            let calls = store.calls();
            assert_eq!(claim_anew(&store, "y", "a"), Ok(()));
            assert!(store.calls() - calls < calls, "{provider:?}");
            assert_eq!(store.count("eo:probe:"), 0);
        }
    }

    /// Makes a claim in which one call fails: each call in turn, before and after its effect.
    fn with_each_fault(provider: Provider, check: impl Fn(&FakeStore, Result<(), Failure>)) {
        let calls = {
            let store = FakeStore::like(provider);
            claim_anew(&store, "x", "a").unwrap();
            // An error may lead to a few more calls.
            store.calls() + 8
        };
        for nth in 0..calls {
            for timing in [FaultTiming::BeforeEffect, FaultTiming::AfterEffect] {
                let store = FakeStore::like(provider);
                store.fail(nth, timing);
                let claimed = claim_anew(&store, "x", "a");
                store.heal();
                check(&store, claimed);
            }
        }
    }

    #[test]
    fn failed_probe_never_stores_unsound_method() {
        for provider in Provider::ALL {
            with_each_fault(provider, |store, _| {
                if let Some(stored) = store.value(METHOD_KEY) {
                    // Both methods are sound on DynamoDB.
                    let is_sound =
                        stored == sound_method(provider).name() || provider == Provider::Dynamo;
                    assert!(is_sound, "{provider:?}: {stored:?}");
                }
                assert_eq!(claim_anew(store, "y", "b"), Ok(()), "{provider:?}");
            });
        }
    }

    #[test]
    fn claim_after_error_has_one_winner_and_is_decided_by_next_call() {
        for provider in Provider::ALL {
            with_each_fault(provider, |store, claimed| {
                assert_ne!(claimed, Err(Failure::Lost), "{provider:?}");
                let other = claim_anew(store, "x", "b");
                let again = claim_anew(store, "x", "a");
                match claimed {
                    Ok(()) => assert_eq!((other, again), (Err(Failure::Lost), Ok(()))),
                    Err(_) => assert!(
                        matches!((&other, &again), (Ok(()), Err(Failure::Lost)))
                            || matches!((&other, &again), (Err(Failure::Lost), Ok(()))),
                        "{provider:?}: {other:?} {again:?}"
                    ),
                }
            });
        }
    }

    #[test]
    fn stored_method_of_another_provider_is_discarded() {
        for provider in Provider::ALL {
            for stored in [&b"increment"[..], b"swap", b"nonsense"] {
                let store = FakeStore::like(provider);
                store.put(METHOD_KEY, stored);
                let first = claim_anew(&store, "x", "a");
                assert_ne!(first, Err(Failure::Lost));
                assert_eq!(claim_anew(&store, "y", "a"), Ok(()), "{provider:?}");
                assert_eq!(claim_anew(&store, "y", "b"), Err(Failure::Lost));
                // A value that the wrong method wrote blocks the name, with a definite answer.
                let blocked = [claim_anew(&store, "x", "a"), claim_anew(&store, "x", "b")];
                assert!(
                    blocked
                        .iter()
                        .all(|answer| !matches!(answer, Err(Failure::Inconclusive(_))))
                );
                let stored = store.value(METHOD_KEY).unwrap();
                assert!(stored == sound_method(provider).name() || provider == Provider::Dynamo);
            }
        }
    }

    #[test]
    fn claim_without_sound_operation_is_inconclusive() {
        // For example a Redis whose numbers cannot be read: the probe fails each time.
        let store = FakeStore::like(Provider::Redis);
        store.fail(1, FaultTiming::BeforeEffect);
        let claimed = claim_anew(&store, "x", "a");
        assert!(
            matches!(claimed, Err(Failure::Inconclusive(_))),
            "{claimed:?}"
        );
        assert_eq!(store.value(METHOD_KEY), None);
    }

    #[test]
    fn claim_of_earlier_version_still_blocks() {
        for (provider, value) in [
            (Provider::Sqlite, (1_i64 << 33).to_le_bytes().to_vec()),
            (Provider::Redis, (1_i64 << 33).to_string().into_bytes()),
            (Provider::Cosmos, (1_i64 << 33).to_be_bytes().to_vec()),
            (Provider::Dynamo, (1_i64 << 33).to_be_bytes().to_vec()),
        ] {
            let store = FakeStore::like(provider);
            store.put("eo:claim:x", &value);
            assert_eq!(
                claim_anew(&store, "x", "a"),
                Err(Failure::Lost),
                "{provider:?}"
            );
        }
    }
}
