//! Claims: of several who want different things under one name, one gets its way.
//!
//! Registers alone cannot decide that, and no atomic operation is sound on every provider. Two
//! together are; which one this provider has sound is found out once, by trying, and kept:
//!
//! - **compare-and-swap** where, of two swaps started on an absent key, only the first succeeds
//!   (Cosmos DB, DynamoDB). The key then holds the winner.
//! - **increment** elsewhere (SQLite, where both swaps succeed; Redis, where none does). Each
//!   contender adds its own number. While the sum is a multiple of that number, nobody else has
//!   contended, so the first was a contender for the same: it has won.
//!
//! Contenders for the same thing all win: they write the same.
//!
//! A winner that dies before it has written what it claimed leaves the name blocked. Whoever then
//! loses notes since when; after [`CLAIM_SECONDS`] the name's next generation is claimed instead.

use std::sync::OnceLock;

use uuid::Uuid;

use super::{Key, KeyValue, StoreError};
use crate::timestamp::Timestamp;

/// For how long a claim holds without its winner having written anything. A request is over well
/// before that.
pub const CLAIM_SECONDS: i64 = 60;

/// A sum of more contenders than this is taken for a mixture.
const MAX_CONTENDERS: i64 = 1 << 20;

/// What somebody wants under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contender(i64);

impl Contender {
    /// The contender for cancelling an order.
    pub const CANCEL: Self = Self(1 << 33);

    /// A contender that is like no other.
    #[must_use]
    pub fn random() -> Self {
        // The first six bytes of a random UUID are random.
        Self::of_hash(Uuid::new_v4().into_bytes())
    }

    /// The contender for what has this hash.
    #[must_use]
    pub fn of_hash(hash: [u8; 16]) -> Self {
        let mut number = [0; 8];
        number[3..].copy_from_slice(&hash[..5]);
        // 40 bits, so that even a million of them add up without overflow; never 0.
        Self(i64::from_be_bytes(number) | 1 << 32)
    }
}

/// Who has won.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claimed {
    /// This contender, or another for the same.
    Mine,
    /// Another, or it cannot be told.
    Contended,
}

/// How claims are made on a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Swap,
    Increment,
}

/// The claims in a store.
#[derive(Debug, Default)]
pub(super) struct Claims {
    method: OnceLock<Method>,
}

impl Claims {
    /// Claims `name` for a contender.
    pub(super) fn claim(
        &self,
        store: &impl KeyValue,
        name: &str,
        contender: Contender,
        now: Timestamp,
    ) -> Result<Claimed, StoreError> {
        let name = Key::of(format_args!("claim:{name}"));
        let (key, blocked_key) = generation(store, &name, now)?;
        let claimed = match self.method(store)? {
            Method::Swap => by_swap(store, &key, contender),
            Method::Increment => by_increment(store, &key, contender),
        }?;
        if claimed == Claimed::Contended && store.get(&blocked_key)?.is_none() {
            let since = now.unix_seconds().to_string().into_bytes();
            store.set_many(vec![(blocked_key, since)])?;
        }
        Ok(claimed)
    }

    fn method(&self, store: &impl KeyValue) -> Result<Method, StoreError> {
        if let Some(method) = self.method.get() {
            return Ok(*method);
        }
        let key = Key::of(format_args!("claims"));
        let method = match store.get(&key)?.as_deref() {
            Some(b"swap") => Method::Swap,
            Some(b"increment") => Method::Increment,
            _ => {
                let method = probe(store)?;
                let name: &[u8] = match method {
                    Method::Swap => b"swap",
                    Method::Increment => b"increment",
                };
                store.set_many(vec![(key, name.to_vec())])?;
                method
            }
        };
        Ok(*self.method.get_or_init(|| method))
    }
}

/// The first generation of a name that nobody has waited for too long, with the key that tells
/// since when somebody waits.
fn generation(store: &impl KeyValue, name: &Key, now: Timestamp) -> Result<(Key, Key), StoreError> {
    let mut number = 0_u32;
    loop {
        let key = name.child(number);
        let blocked_key = key.child("blocked");
        let since = store.get(&blocked_key)?;
        let since = since.and_then(|text| String::from_utf8(text).ok()?.parse::<i64>().ok());
        match since {
            Some(since) if now.unix_seconds() - since > CLAIM_SECONDS => number += 1,
            _ => return Ok((key, blocked_key)),
        }
    }
}

/// Tries two swaps on a key of its own, both started while it is absent.
fn probe(store: &impl KeyValue) -> Result<Method, StoreError> {
    let key = Key::of(format_args!("probe:{}", Uuid::new_v4()));
    let (first, _) = store.start_swap(&key)?;
    let (second, _) = store.start_swap(&key)?;
    let first = store.finish_swap(first, b"1".to_vec()).unwrap_or(false);
    let second = store.finish_swap(second, b"2".to_vec()).unwrap_or(false);
    Ok(if first && !second {
        Method::Swap
    } else {
        Method::Increment
    })
}

fn by_swap(store: &impl KeyValue, key: &Key, contender: Contender) -> Result<Claimed, StoreError> {
    let mine = contender.0.to_be_bytes();
    let (swap, mut winner) = store.start_swap(key)?;
    if winner.is_none() {
        // A swap that fails or is not answered may have lost, or won unheard: the key tells.
        match store.finish_swap(swap, mine.to_vec()) {
            Ok(true) => return Ok(Claimed::Mine),
            Ok(false) | Err(_) => winner = store.get(key)?,
        }
    }
    Ok(match winner {
        Some(winner) if winner == mine => Claimed::Mine,
        _ => Claimed::Contended,
    })
}

fn by_increment(
    store: &impl KeyValue,
    key: &Key,
    contender: Contender,
) -> Result<Claimed, StoreError> {
    let sum = store.increment(key, contender.0)?;
    let contenders = sum / contender.0;
    Ok(
        if sum % contender.0 == 0 && (1..=MAX_CONTENDERS).contains(&contenders) {
            Claimed::Mine
        } else {
            Claimed::Contended
        },
    )
}

#[cfg(test)]
mod tests {
    use super::{
        super::memory::{MemoryStore, Provider},
        *,
    };

    const A: Contender = Contender(1 << 32 | 7);
    const B: Contender = Contender(1 << 32 | 11);

    fn now() -> Timestamp {
        Timestamp::parse("2026-06-01T12:00:00Z").unwrap()
    }

    fn on_each_provider(test: impl Fn(&&'static MemoryStore, &Claims)) {
        for provider in [Provider::Sqlite, Provider::Redis, Provider::Swapping] {
            let store: &'static MemoryStore = Box::leak(Box::new(MemoryStore::like(provider)));
            test(&store, &Claims::default());
        }
    }

    #[test]
    fn the_first_wins_and_so_do_others_who_want_the_same() {
        on_each_provider(|store, claims| {
            let claim = |contender| claims.claim(store, "x", contender, now()).unwrap();
            assert_eq!(claim(A), Claimed::Mine);
            assert_eq!(claim(A), Claimed::Mine);
            assert_eq!(claim(B), Claimed::Contended);
            assert_eq!(claims.claim(store, "y", B, now()).unwrap(), Claimed::Mine);
        });
    }

    #[test]
    fn a_winner_that_is_gone_blocks_a_name_only_for_its_lease() {
        on_each_provider(|store, claims| {
            let at = |seconds| now().plus_seconds(seconds);
            assert_eq!(claims.claim(store, "x", A, at(0)).unwrap(), Claimed::Mine);
            assert_eq!(
                claims.claim(store, "x", B, at(10)).unwrap(),
                Claimed::Contended
            );
            assert_eq!(
                claims.claim(store, "x", B, at(70)).unwrap(),
                Claimed::Contended
            );
            assert_eq!(claims.claim(store, "x", B, at(71)).unwrap(), Claimed::Mine);
        });
    }

    #[test]
    fn another_instance_knows_the_method() {
        on_each_provider(|store, claims| {
            claims.claim(store, "x", A, now()).unwrap();
            let keys = store.state().values.len();
            assert_eq!(
                Claims::default().claim(store, "x", A, now()).unwrap(),
                Claimed::Mine
            );
            assert_eq!(store.state().values.len(), keys);
        });
    }
}
