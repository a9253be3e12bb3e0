//! Which operation of the provider is sound.

use uuid::Uuid;

use super::{KeyValue, StoreError, number};

/// How claims are made on a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Increment,
    Swap,
}

impl Method {
    /// The method of this name, as it is stored.
    pub(crate) fn of_name(name: &[u8]) -> Option<Self> {
        match name {
            b"increment" => Some(Self::Increment),
            b"swap" => Some(Self::Swap),
            _ => None,
        }
    }

    /// The name that is stored.
    pub(crate) fn name(self) -> &'static [u8] {
        match self {
            Self::Increment => b"increment",
            Self::Swap => b"swap",
        }
    }
}

/// Finds out what this provider has, by positive evidence alone.
pub(crate) fn probe(store: &impl KeyValue) -> Result<Method, StoreError> {
    if has_readable_numbers(store) {
        Ok(Method::Increment)
    } else if has_exclusive_swaps(store) {
        Ok(Method::Swap)
    } else {
        let why = "no atomic operation of the provider was found to be sound";
        Err(StoreError(why.to_owned()))
    }
}

/// Returns whether a number can be read back as a value. It can where increments are sound (SQLite,
/// Redis, DynamoDB), and cannot on Cosmos DB, where two increments of an absent key both give their
/// own delta.
fn has_readable_numbers(store: &impl KeyValue) -> bool {
    on_a_trial_key(store, |key| {
        let sum = store.increment(key, TRIAL);
        sum == Ok(TRIAL) && holds_at_least(store, key, TRIAL)
    })
}

/// Returns whether of two swaps that began while the key was absent only the first succeeds. On
/// SQLite both do, on Redis none does.
pub(crate) fn has_exclusive_swaps(store: &impl KeyValue) -> bool {
    on_a_trial_key(store, |key| {
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

/// A number that no default is.
const TRIAL: i64 = 7;

fn on_a_trial_key(store: &impl KeyValue, trial: impl FnOnce(&str) -> bool) -> bool {
    let key = format!("eo:probe:{}", Uuid::new_v4());
    let passed = trial(&key);
    // A trial that is left behind does no harm.
    let _ = store.delete(&key);
    passed
}

/// Returns whether the value under a key can be read as a number, and as one that this sum can have
/// become.
pub(crate) fn holds_at_least(store: &impl KeyValue, key: &str, sum: i64) -> bool {
    let value = store.get(key).ok().flatten();
    let number = value.and_then(|value| number::of_value(&value));
    number.is_some_and(|number| number >= sum)
}
