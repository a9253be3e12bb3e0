//! Leases: the right to place, to deliver or to cancel an order, for one of several instances.
//!
//! Registers alone cannot decide a race, and no atomic operation is sound on every provider. A
//! component that the manifest names decides it, see [`Claims`]. This module adds an end to each
//! claim.
//!
//! A winner that dies before it has written what it claimed would block the name for ever. So a
//! loser notes the time at which it lost. [`CLAIM_SECONDS`] later the next generation of the name is
//! claimed instead, and the winner, counting from its own request, writes nothing more. Candidates wait
//! [`SKEW_SECONDS`] longer, since clocks differ.
//!
//! An inconclusive claim is not noted: the name may still be free, and another candidate may win it
//! later, with a whole lease.

use std::{borrow::Cow, future::Future, sync::Arc};

use uuid::Uuid;

use super::{Key, KeyValue, StoreError, batch_writer::BatchWriter, write};
use crate::{clock::SKEW_SECONDS, order::OrderId, timestamp::Timestamp};

/// The number of generations of a claim that are deleted with their order.
const GENERATIONS: u32 = 2;

/// For how long a claim holds if its winner writes nothing, counted from its request.
pub const CLAIM_SECONDS: i64 = 60;

/// The component that decides races, as `wit/claims/claims.wit` describes it.
pub trait Claims: Send + Sync + 'static {
    /// Claims a name for a candidate, within a time limit. At most one candidate wins a name.
    fn claim(
        &self,
        name: String,
        candidate: String,
    ) -> impl Future<Output = Result<(), ClaimFailure>> + Send;
}

/// Why a claim was not won.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimFailure {
    /// Another candidate was first.
    Lost,
    /// It is unknown who was first; the reason is for the log.
    Inconclusive(String),
}

/// The text by which a claim knows who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate(Cow<'static, str>);

impl Candidate {
    /// The candidate for cancelling an order.
    pub const CANCEL: Self = Self(Cow::Borrowed("cancel"));

    /// Returns a candidate that is different from every other.
    #[must_use]
    pub fn random() -> Self {
        Self::of_hash(Uuid::new_v4().into_bytes())
    }

    /// Returns the candidate for the content with this hash. Candidates for the same content win
    /// together: they write the same.
    #[must_use]
    pub fn of_hash(hash: [u8; 16]) -> Self {
        Self(format!("{:032x}", u128::from_be_bytes(hash)).into())
    }
}

/// A clock of one type for all claims, so that they are compiled once.
type Clock<'a> = &'a (dyn Fn() -> Timestamp + Sync);

/// The result of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// This candidate has won, or another one for the same.
    Won,
    /// Another candidate has won.
    Lost,
    /// It is unknown who has won; the reason is for the log.
    Inconclusive(String),
}

/// Leases of orders.
#[derive(Debug)]
pub struct Leases<K>(pub(super) Arc<BatchWriter<K>>);

impl<K: KeyValue> Leases<K> {
    /// Claims the id of an order that is to be placed. Different requests under one idempotency key
    /// have the same id; one of them wins.
    pub async fn claim_placing(
        &self,
        claims: &impl Claims,
        id: OrderId,
        candidate: Candidate,
        clock: impl Fn() -> Timestamp + Sync,
    ) -> Result<Claimed, StoreError> {
        self.claim(claims, &format!("place:{id}"), candidate, &clock)
            .await
    }

    /// Claims to cancel an order. Whoever wins excludes the first attempt to deliver it.
    pub async fn claim_cancelling(
        &self,
        claims: &impl Claims,
        id: OrderId,
        clock: impl Fn() -> Timestamp + Sync,
    ) -> Result<Claimed, StoreError> {
        self.claim(claims, &outcome(id, 0), Candidate::CANCEL, &clock)
            .await
    }

    /// Claims the attempt to deliver an order that follows `attempts` earlier ones, for this caller
    /// alone.
    ///
    /// The caller must have read the state just before and have awaited nothing since: a name can be
    /// claimed again after a while, and the number would then be of an attempt that is over.
    pub async fn claim_attempt(
        &self,
        claims: &impl Claims,
        id: OrderId,
        attempts: u32,
        clock: impl Fn() -> Timestamp + Sync,
    ) -> Result<Claimed, StoreError> {
        self.claim(claims, &outcome(id, attempts), Candidate::random(), &clock)
            .await
    }

    async fn claim(
        &self,
        claims: &impl Claims,
        name: &str,
        candidate: Candidate,
        clock: Clock<'_>,
    ) -> Result<Claimed, StoreError> {
        claim(&self.0.store, claims, name, candidate, clock).await
    }
}

/// Returns the keys that the claims of an order may have left, of the component that decides races
/// too: of each name the first generations, since seldom there are more.
pub(super) fn keys_of_claims(id: OrderId, has_key: bool, attempts: u32) -> Vec<Key> {
    // The last one may be of an attempt, or a redelivery, that has stored nothing.
    let mut names: Vec<String> = (0..=attempts).map(|attempt| outcome(id, attempt)).collect();
    if has_key {
        names.push(format!("place:{id}"));
    }
    let mut keys = Vec::new();
    for name in names {
        for generation in 0..GENERATIONS {
            let claim = Key::of(format_args!("claim:{name}:{generation}"));
            keys.push(claim.child("blocked"));
            keys.push(claim);
            keys.push(Key::of(format_args!("register:claim:{name}:{generation}")));
        }
    }
    keys
}

/// Returns the name of an attempt. The first attempt shares it with cancelling.
fn outcome(id: OrderId, attempts: u32) -> String {
    match attempts {
        0 => format!("outcome:{id}"),
        later => format!("outcome:{id}:{later}"),
    }
}

/// Claims `name` for a candidate.
async fn claim(
    store: &impl KeyValue,
    claims: &impl Claims,
    name: &str,
    candidate: Candidate,
    clock: Clock<'_>,
) -> Result<Claimed, StoreError> {
    let (name, blocked_key) = generation(store, name, clock())?;
    match claims.claim(name, candidate.0.into_owned()).await {
        Ok(()) => Ok(Claimed::Won),
        Err(ClaimFailure::Inconclusive(why)) => Ok(Claimed::Inconclusive(why)),
        Err(ClaimFailure::Lost) => {
            if store.get(&blocked_key)?.is_none() {
                // The present time, not that of this request: the winner may have asked later.
                let since = clock().unix_seconds().to_string().into_bytes();
                write::set(store, vec![(blocked_key, since)])?;
            }
            Ok(Claimed::Lost)
        }
    }
}

/// Returns the first generation of a name that is not known to have been lost more than
/// [`CLAIM_SECONDS`] and [`SKEW_SECONDS`] ago, and the key that holds the time of the loss.
fn generation(
    store: &impl KeyValue,
    name: &str,
    now: Timestamp,
) -> Result<(String, Key), StoreError> {
    let mut number = 0_u32;
    loop {
        let generation = format!("{name}:{number}");
        let blocked_key = Key::of(format_args!("claim:{generation}:blocked"));
        let since = store.get(&blocked_key)?;
        let since = since.and_then(|text| String::from_utf8(text).ok()?.parse::<i64>().ok());
        match since {
            Some(since) if now.unix_seconds() - since > CLAIM_SECONDS + SKEW_SECONDS => number += 1,
            _ => return Ok((generation, blocked_key)),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;

    use super::{super::memory::MemoryStore, *};

    const A: Candidate = Candidate(Cow::Borrowed("a"));
    const B: Candidate = Candidate(Cow::Borrowed("b"));

    fn at(seconds: i64) -> Timestamp {
        let start = Timestamp::parse("2026-06-01T12:00:00Z").unwrap();
        start.plus_seconds(seconds)
    }

    fn store() -> &'static MemoryStore {
        Box::leak(Box::default())
    }

    fn claim_at(store: &'static MemoryStore, candidate: Candidate, seconds: i64) -> Claimed {
        block_on(claim(&store, &store, "x", candidate, &|| at(seconds))).unwrap()
    }

    #[test]
    fn claim_of_a_lost_name_succeeds_after_the_lease() {
        let store = store();
        assert_eq!(claim_at(store, A, 0), Claimed::Won);
        assert_eq!(claim_at(store, B, 10), Claimed::Lost);
        assert_eq!(claim_at(store, B, 100), Claimed::Lost);
        assert_eq!(claim_at(store, B, 101), Claimed::Won);
    }

    #[test]
    fn claim_slow_loser_leaves_the_winner_its_whole_lease() {
        let store = store();
        assert_eq!(claim_at(store, A, 5), Claimed::Won);
        // Asked before the winner, and was answered after it.
        let times = std::sync::Mutex::new(vec![at(9), at(0)]);
        let clock = || times.lock().unwrap().pop().unwrap();
        let lost = block_on(claim(&store, &store, "x", B, &clock)).unwrap();
        assert_eq!(lost, Claimed::Lost);
        assert_eq!(claim_at(store, B, 95), Claimed::Lost);
        assert_eq!(claim_at(store, B, 100), Claimed::Won);
    }

    #[test]
    fn claim_inconclusive_shortens_no_lease() {
        let store = store();
        store.state().claims_fail = true;
        assert!(matches!(claim_at(store, A, 0), Claimed::Inconclusive(_)));
        store.state().claims_fail = false;
        assert_eq!(claim_at(store, B, 50), Claimed::Won);
        assert_eq!(claim_at(store, A, 70), Claimed::Lost);
        assert_eq!(claim_at(store, A, 160), Claimed::Lost);
        assert_eq!(claim_at(store, A, 161), Claimed::Won);
    }

    #[test]
    fn names_and_candidates_suit_every_claims_component() {
        let longest = format!("outcome:{}:{}:{}", Uuid::nil(), u32::MAX, u32::MAX);
        let suits = |byte: u8| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte);
        for text in [
            longest,
            Candidate::CANCEL.0.into_owned(),
            Candidate::random().0.into_owned(),
        ] {
            assert!(text.len() <= 160 && text.bytes().all(suits), "{text}");
        }
    }
}
