//! Claims: of several that want different things under one name, one gets its way.
//!
//! Registers alone cannot decide that, and no atomic operation is sound on every provider. A
//! component that the manifest names decides it, see [`Claims`]. This module adds what belongs to
//! orders: leases.
//!
//! A winner that dies before it has written what it claimed leaves the name blocked. A loser
//! therefore notes since when the name is taken; after [`CLAIM_SECONDS`] the name's next generation
//! is claimed instead. A winner writes nothing more once that time has passed since it asked.
//!
//! An inconclusive claim is noted nowhere: perhaps the name is still free, and another one wins it
//! later, with a whole lease.

use std::{borrow::Cow, future::Future};

use uuid::Uuid;

use super::{Key, KeyValue, StoreError};
use crate::timestamp::Timestamp;

/// For how long a claim holds without its winner having written anything, from when it asked.
pub const CLAIM_SECONDS: i64 = 60;

/// What decides races, as `wit/claims/claims.wit` says.
pub trait Claims: Send + Sync + 'static {
    /// Claims a name for a contender, bounded in time. At most one contender wins a name.
    fn claim(
        &self,
        name: String,
        contender: String,
    ) -> impl Future<Output = Result<(), ClaimFailure>> + Send;
}

/// Why a claim was not won.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimFailure {
    /// Another contender was first.
    Lost,
    /// It is not known who was first; the reason is for the log.
    Inconclusive(String),
}

/// What an instance wants under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contender(Cow<'static, str>);

impl Contender {
    /// The contender for cancelling an order.
    pub const CANCEL: Self = Self(Cow::Borrowed("cancel"));

    /// Returns a contender that is like no other.
    #[must_use]
    pub fn random() -> Self {
        Self::of_hash(Uuid::new_v4().into_bytes())
    }

    /// Returns the contender for what has this hash. Contenders for the same thing all win: they
    /// write the same.
    #[must_use]
    pub fn of_hash(hash: [u8; 16]) -> Self {
        Self(format!("{:032x}", u128::from_be_bytes(hash)).into())
    }
}

/// Who has won.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// This contender, or another for the same.
    Mine,
    /// Another.
    Contended,
    /// That is not known; the reason is for the log.
    Inconclusive(String),
}

/// Claims `name` for a contender.
pub(super) async fn claim(
    store: &impl KeyValue,
    claims: &impl Claims,
    name: &str,
    contender: Contender,
    clock: impl Fn() -> Timestamp,
) -> Result<Claimed, StoreError> {
    let (name, blocked_key) = generation(store, name, clock())?;
    match claims.claim(name, contender.0.into_owned()).await {
        Ok(()) => Ok(Claimed::Mine),
        Err(ClaimFailure::Inconclusive(why)) => Ok(Claimed::Inconclusive(why)),
        Err(ClaimFailure::Lost) => {
            if store.get(&blocked_key)?.is_none() {
                // Not when this claim began: the winner may have begun later.
                let since = clock().unix_seconds().to_string().into_bytes();
                store.set_many(vec![(blocked_key, since)])?;
            }
            Ok(Claimed::Contended)
        }
    }
}

/// Returns the first generation of a name that was not lost longer ago than a claim holds, with the
/// key that tells since when it is.
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
            Some(since) if now.unix_seconds() - since > CLAIM_SECONDS => number += 1,
            _ => return Ok((generation, blocked_key)),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;

    use super::{super::memory::MemoryStore, *};

    const A: Contender = Contender(Cow::Borrowed("a"));
    const B: Contender = Contender(Cow::Borrowed("b"));

    fn at(seconds: i64) -> Timestamp {
        let start = Timestamp::parse("2026-06-01T12:00:00Z").unwrap();
        start.plus_seconds(seconds)
    }

    fn store() -> &'static MemoryStore {
        Box::leak(Box::default())
    }

    fn claim_at(store: &'static MemoryStore, contender: Contender, seconds: i64) -> Claimed {
        block_on(claim(&store, &store, "x", contender, || at(seconds))).unwrap()
    }

    #[test]
    fn a_winner_that_is_gone_blocks_a_name_only_for_its_lease() {
        let store = store();
        assert_eq!(claim_at(store, A, 0), Claimed::Mine);
        assert_eq!(claim_at(store, B, 10), Claimed::Contended);
        assert_eq!(claim_at(store, B, 70), Claimed::Contended);
        assert_eq!(claim_at(store, B, 71), Claimed::Mine);
    }

    #[test]
    fn a_loser_that_waited_long_leaves_the_winner_its_whole_lease() {
        let store = store();
        assert_eq!(claim_at(store, A, 5), Claimed::Mine);
        // It asked before the winner did, and was answered after.
        let times = std::cell::RefCell::new(vec![at(9), at(0)]);
        let clock = || times.borrow_mut().pop().unwrap();
        let lost = block_on(claim(&store, &store, "x", B, clock)).unwrap();
        assert_eq!(lost, Claimed::Contended);
        assert_eq!(claim_at(store, B, 65), Claimed::Contended);
        assert_eq!(claim_at(store, B, 70), Claimed::Mine);
    }

    #[test]
    fn an_inconclusive_claim_shortens_no_lease() {
        let store = store();
        store.state().claims_fail = true;
        assert!(matches!(claim_at(store, A, 0), Claimed::Inconclusive(_)));
        store.state().claims_fail = false;
        assert_eq!(claim_at(store, B, 50), Claimed::Mine);
        assert_eq!(claim_at(store, A, 70), Claimed::Contended);
        assert_eq!(claim_at(store, A, 130), Claimed::Contended);
        assert_eq!(claim_at(store, A, 131), Claimed::Mine);
    }

    #[test]
    fn names_and_contenders_suit_every_component_that_decides() {
        let longest = format!("outcome:{}:{}:{}", Uuid::nil(), u32::MAX, u32::MAX);
        let suits = |byte: u8| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte);
        for text in [
            longest,
            Contender::CANCEL.0.into_owned(),
            Contender::random().0.into_owned(),
        ] {
            assert!(text.len() <= 160 && text.bytes().all(suits), "{text}");
        }
    }
}
