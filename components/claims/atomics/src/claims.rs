//! Claims and sequences in a store.

use std::cell::Cell;

use claims_shared::{Failure, Word, inconclusive};

use super::{
    Contender, KeyValue, StoreError,
    method::{Method, has_exclusive_swaps, holds_at_least, probe},
    number,
};

/// Where the finding is stored.
const FINDING: &str = "eo:claims";

/// What one instance knows of its provider.
#[derive(Debug, Default)]
pub struct Claims {
    method: Cell<Option<Method>>,
    /// Whether a number that this instance has added to was read back.
    increments_are_proven: Cell<bool>,
}

impl Claims {
    /// Claims a name for a contender.
    pub fn claim(
        &self,
        store: &impl KeyValue,
        name: &Word,
        contender: Contender,
    ) -> Result<(), Failure> {
        let key = format!("eo:claim:{name}");
        match self.method(store)? {
            Method::Increment => self.claim_by_increment(store, &key, contender),
            Method::Swap => claim_by_swap(store, &key, contender),
        }
    }

    /// Takes the next number of a sequence.
    pub fn next(&self, store: &impl KeyValue, sequence: &Word) -> Result<u64, Failure> {
        let key = format!("eo:sequence:{sequence}");
        let number = match self.method(store)? {
            Method::Increment => {
                let number = store.increment(&key, 1)?;
                self.prove_increments(store, &key, number)?;
                number
            }
            Method::Swap => next_by_swap(store, &key)?,
        };
        u64::try_from(number).map_err(|_| inconclusive("the sequence is below zero"))
    }

    fn claim_by_increment(
        &self,
        store: &impl KeyValue,
        key: &str,
        contender: Contender,
    ) -> Result<(), Failure> {
        // Who comes later adds nothing, so that the winner can ask again.
        if let Some(decided) = decided(store, key, contender)? {
            return decided;
        }
        match store.increment(key, contender.number()) {
            Ok(sum) if contender.is_alone_in(sum) => self.prove_increments(store, key, sum),
            Ok(_) => Err(Failure::Lost),
            // It may have added all the same: the sum tells.
            Err(error) => decided(store, key, contender)?.unwrap_or_else(|| Err(error.into())),
        }
    }

    /// Holds that this provider keeps numbers as values, once an instance: the finding may be of
    /// another provider.
    fn prove_increments(&self, store: &impl KeyValue, key: &str, sum: i64) -> Result<(), Failure> {
        if self.increments_are_proven.get() || holds_at_least(store, key, sum) {
            self.increments_are_proven.set(true);
            return Ok(());
        }
        self.method.set(None);
        // If it stays, the next instance discards it.
        let _ = store.delete(FINDING);
        Err(inconclusive("a number could not be read back"))
    }

    fn method(&self, store: &impl KeyValue) -> Result<Method, StoreError> {
        if let Some(method) = self.method.get() {
            return Ok(method);
        }
        let finding = store.get(FINDING)?;
        let method = match finding.as_deref().and_then(Method::of_name) {
            Some(Method::Increment) => Method::Increment,
            Some(Method::Swap) if has_exclusive_swaps(store) => Method::Swap,
            _ => {
                let method = probe(store)?;
                // It only spares others the trial.
                let _ = store.set(FINDING, method.name());
                method
            }
        };
        self.method.set(Some(method));
        Ok(method)
    }
}

fn claim_by_swap(store: &impl KeyValue, key: &str, contender: Contender) -> Result<(), Failure> {
    let error = match swap_in(store, key, contender) {
        Ok(decided) => return decided,
        Err(error) => error,
    };
    // The swap may have succeeded all the same: the key tells.
    match decided(store, key, contender) {
        Ok(decided) => decided.unwrap_or_else(|| Err(error.into())),
        // Cosmos DB cannot read a number as a value. It is of an instance that took the provider
        // for another; waiting for it decides nothing.
        Err(_) if store.exists(key) == Ok(true) => Err(Failure::Lost),
        Err(unreadable) => Err(unreadable.into()),
    }
}

/// Swaps a contender in, and returns whether it has won, if the store says so.
fn swap_in(
    store: &impl KeyValue,
    key: &str,
    contender: Contender,
) -> Result<Result<(), Failure>, StoreError> {
    let (swap, winner) = store.start_swap(key)?;
    if let Some(winner) = winner {
        return Ok(outcome(contender.has_won(&winner)));
    }
    if store.finish_swap(swap, &contender.value())? {
        return Ok(Ok(()));
    }
    // Another one was faster; but Cosmos DB says the same of any error, before or after the write.
    Err(StoreError("a swap failed, and nobody has won".to_owned()))
}

fn next_by_swap(store: &impl KeyValue, key: &str) -> Result<i64, Failure> {
    let (swap, value) = store.start_swap(key)?;
    let last = match value {
        Some(value) => number::of_value(&value)
            .ok_or_else(|| inconclusive("the sequence holds something else"))?,
        None => 0,
    };
    if store.finish_swap(swap, &number::to_value(last + 1))? {
        Ok(last + 1)
    } else {
        Err(Failure::Lost)
    }
}

/// Returns how a claim was decided, if the key holds anything.
fn decided(
    store: &impl KeyValue,
    key: &str,
    contender: Contender,
) -> Result<Option<Result<(), Failure>>, StoreError> {
    let value = store.get(key)?;
    Ok(value.map(|value| outcome(contender.has_won(&value))))
}

fn outcome(won: bool) -> Result<(), Failure> {
    if won { Ok(()) } else { Err(Failure::Lost) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::{Memory, Moment, Provider};

    fn word(text: &str) -> Word {
        Word::parse(text.to_owned()).unwrap()
    }

    fn claim(claims: &Claims, store: &Memory, name: &str, contender: &str) -> Result<(), Failure> {
        let contender = Contender::of(&word(contender));
        claims.claim(store, &word(name), contender)
    }

    /// A claim that a new instance makes.
    fn claim_anew(store: &Memory, name: &str, contender: &str) -> Result<(), Failure> {
        claim(&Claims::default(), store, name, contender)
    }

    fn sound_method(provider: Provider) -> Method {
        match provider {
            Provider::Cosmos => Method::Swap,
            Provider::Sqlite | Provider::Redis | Provider::Dynamo => Method::Increment,
        }
    }

    #[test]
    fn the_first_wins_whenever_it_asks() {
        for provider in Provider::ALL {
            let store = Memory::like(provider);
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
    fn sequences_count() {
        for provider in Provider::ALL {
            let store = Memory::like(provider);
            let claims = Claims::default();
            for number in 1..=3 {
                assert_eq!(claims.next(&store, &word("s")), Ok(number), "{provider:?}");
            }
            assert_eq!(claims.next(&store, &word("t")), Ok(1));
            assert_eq!(Claims::default().next(&store, &word("s")), Ok(4));
        }
    }

    #[test]
    fn another_instance_finds_the_method_and_trials_leave_nothing() {
        for provider in Provider::ALL {
            let store = Memory::like(provider);
            assert_eq!(claim_anew(&store, "x", "a"), Ok(()));
            let finding = store.value(FINDING);
            assert_eq!(finding.as_deref(), Some(sound_method(provider).name()));
            let calls = store.calls();
            assert_eq!(claim_anew(&store, "y", "a"), Ok(()));
            assert!(store.calls() - calls < calls, "{provider:?}");
            assert_eq!(store.count("eo:probe:"), 0);
        }
    }

    /// Makes a claim in which one call fails, for each call and each moment of its failure.
    fn with_each_fault(provider: Provider, check: impl Fn(&Memory, Result<(), Failure>)) {
        let calls = {
            let store = Memory::like(provider);
            claim_anew(&store, "x", "a").unwrap();
            // An error may lead to a few more.
            store.calls() + 8
        };
        for nth in 0..calls {
            for moment in [Moment::Before, Moment::After] {
                let store = Memory::like(provider);
                store.fail(nth, moment);
                let claimed = claim_anew(&store, "x", "a");
                store.heal();
                check(&store, claimed);
            }
        }
    }

    #[test]
    fn an_error_is_never_stored_as_a_finding() {
        for provider in Provider::ALL {
            with_each_fault(provider, |store, _| {
                if let Some(finding) = store.value(FINDING) {
                    // DynamoDB has both.
                    let is_sound =
                        finding == sound_method(provider).name() || provider == Provider::Dynamo;
                    assert!(is_sound, "{provider:?}: {finding:?}");
                }
                assert_eq!(claim_anew(store, "y", "b"), Ok(()), "{provider:?}");
            });
        }
    }

    #[test]
    fn an_error_lets_no_second_contender_win_and_is_over_with_the_next_call() {
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
    fn a_finding_of_another_provider_is_discarded() {
        for provider in Provider::ALL {
            for finding in [&b"increment"[..], b"swap", b"nonsense"] {
                let store = Memory::like(provider);
                store.put(FINDING, finding);
                let first = claim_anew(&store, "x", "a");
                assert_ne!(first, Err(Failure::Lost));
                assert_eq!(claim_anew(&store, "y", "a"), Ok(()), "{provider:?}");
                assert_eq!(claim_anew(&store, "y", "b"), Err(Failure::Lost));
                // What the wrong method has left blocks the name, but says so.
                let blocked = [claim_anew(&store, "x", "a"), claim_anew(&store, "x", "b")];
                assert!(
                    blocked
                        .iter()
                        .all(|end| !matches!(end, Err(Failure::Inconclusive(_))))
                );
                let found = store.value(FINDING).unwrap();
                assert!(found == sound_method(provider).name() || provider == Provider::Dynamo);
            }
        }
    }

    #[test]
    fn a_store_without_a_sound_operation_decides_nothing() {
        // Redis whose numbers cannot be read, say: the trial fails each time.
        let store = Memory::like(Provider::Redis);
        store.fail(1, Moment::Before);
        let claimed = claim_anew(&store, "x", "a");
        assert!(
            matches!(claimed, Err(Failure::Inconclusive(_))),
            "{claimed:?}"
        );
        assert_eq!(store.value(FINDING), None);
    }

    #[test]
    fn claims_of_earlier_versions_still_block() {
        for (provider, value) in [
            (Provider::Sqlite, (1_i64 << 33).to_le_bytes().to_vec()),
            (Provider::Redis, (1_i64 << 33).to_string().into_bytes()),
            (Provider::Cosmos, (1_i64 << 33).to_be_bytes().to_vec()),
            (Provider::Dynamo, (1_i64 << 33).to_be_bytes().to_vec()),
        ] {
            let store = Memory::like(provider);
            store.put("eo:claim:x", &value);
            assert_eq!(
                claim_anew(&store, "x", "a"),
                Err(Failure::Lost),
                "{provider:?}"
            );
        }
    }
}
