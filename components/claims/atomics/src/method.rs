//! The choice of the provider's sound operation.

use uuid::Uuid;

use super::{KeyValue, StoreError, number};

/// How claims are made on a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Increment,
    Swap,
}

impl Method {
    /// Parses the stored name of a method.
    pub(crate) fn parse(name: &[u8]) -> Option<Self> {
        match name {
            b"increment" => Some(Self::Increment),
            b"swap" => Some(Self::Swap),
            _ => None,
        }
    }

    /// Returns the name to store.
    pub(crate) fn name(self) -> &'static [u8] {
        match self {
            Self::Increment => b"increment",
            Self::Swap => b"swap",
        }
    }
}

/// Probes the provider for a sound operation. Accepts positive evidence only.
pub(crate) fn probe(store: &impl KeyValue) -> Result<Method, StoreError> {
    if has_readable_numbers(store) {
        Ok(Method::Increment)
    } else if has_exclusive_swaps(store) {
        Ok(Method::Swap)
    } else {
        let reason = "the probe found no sound atomic operation";
        Err(StoreError(reason.to_owned()))
    }
}

/// Returns whether a number can be read back as a value: true on SQLite, Redis and DynamoDB, where
/// increments are sound, and false on Cosmos DB, where two concurrent increments of an absent key
/// both return their own delta.
fn has_readable_numbers(store: &impl KeyValue) -> bool {
    with_probe_key(store, |key| {
        let sum = store.increment(key, PROBE_NUMBER);
        sum == Ok(PROBE_NUMBER) && holds_at_least(store, key, PROBE_NUMBER)
    })
}

/// Returns whether only the first of two swaps succeeds that began while the key was absent. On
/// SQLite both succeed, on Redis none does.
pub(crate) fn has_exclusive_swaps(store: &impl KeyValue) -> bool {
    with_probe_key(store, |key| {
        let try_both = || {
            let (first, _) = store.start_swap(key)?;
            let (second, _) = store.start_swap(key)?;
            let first = store.finish_swap(first, b"first")?;
            let second = store.finish_swap(second, b"second")?;
            Ok::<_, StoreError>((first, second))
        };
        try_both() == Ok((true, false))
    })
}

/// The number that a probe adds: one that is not a default value.
const PROBE_NUMBER: i64 = 7;

fn with_probe_key(store: &impl KeyValue, probe: impl FnOnce(&str) -> bool) -> bool {
    let key = format!("eo:probe:{}", Uuid::new_v4());
    let passed = probe(&key);
    // A leftover key is harmless.
    let _ = store.delete(&key);
    passed
}

/// Returns whether the value of a key can be read as a number that is not less than a sum. (Other
/// contenders may have added meanwhile.)
pub(crate) fn holds_at_least(store: &impl KeyValue, key: &str, sum: i64) -> bool {
    let value = store.get(key).ok().flatten();
    let number = value.and_then(|value| number::parse(&value));
    number.is_some_and(|number| number >= sum)
}
