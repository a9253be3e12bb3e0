//! A cache of verified tokens: the verification of an RSA signature costs several times as much as
//! the rest of a request.
//!
//! The cache compares whole tokens, so a token that differs in any byte has no entry. An entry is
//! valid while the key that verified it is in the set of its issuer, until the `exp` of the token,
//! and for at most [`MAX_AGE_SECONDS`]. A new configuration starts with an empty cache.
//!
//! A client gains nothing by the cache. Only valid tokens enter it, and only a client that has such
//! a token finds the entry. When the cache is full, a new token evicts the oldest one.
//!
//! [`shared_tokens`](super::shared_tokens) shares verified tokens across instances.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use rustc_hash::FxHashMap;

use super::{
    key::Fingerprint,
    token::{UnverifiedToken, VerifiedToken},
};
use crate::timestamp::Timestamp;

/// The time after which a token is verified again.
const MAX_AGE_SECONDS: i64 = 60;
/// The number of cached tokens. With the next limit, they take about 2 MB.
const MAX_ENTRIES: usize = 512;
/// Longer tokens are not cached: their claims may be as long.
const MAX_TOKEN_BYTES: usize = 4096;

/// The tokens that this instance has verified.
#[derive(Debug, Default)]
pub(super) struct TokenCache(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    /// The hash has no key, and takes a quarter of the instructions of one that has: only tokens that
    /// trusted issuers have signed enter, so no client can fill the map with collisions.
    by_token: FxHashMap<Arc<str>, Entry>,
    oldest_first: VecDeque<Arc<str>>,
}

impl fmt::Debug for Entries {
    /// Writes the number of tokens, because tokens are secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} tokens", self.by_token.len())
    }
}

/// A cached token.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) token: Arc<VerifiedToken>,
    /// The index of the issuer.
    pub(super) issuer: usize,
    /// The key that verified the token.
    pub(super) key: Fingerprint,
    /// When the token must be verified again.
    pub(super) until: Timestamp,
}

/// Returns when a token that is verified now must be verified again; None if it is not cached.
pub(super) fn cached_until(
    token: UnverifiedToken<'_>,
    verified: &VerifiedToken,
    now: Timestamp,
) -> Option<Timestamp> {
    (token.text().len() <= MAX_TOKEN_BYTES).then(|| latest_until(verified.expires_at(), now))
}

/// Returns the latest time at which a token must be verified again.
pub(super) fn latest_until(expires_at: Timestamp, now: Timestamp) -> Timestamp {
    expires_at.min(now.plus_seconds(MAX_AGE_SECONDS))
}

impl TokenCache {
    /// Returns the entry of a token.
    pub(super) fn find(&self, token: UnverifiedToken<'_>, now: Timestamp) -> Option<Entry> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.by_token.get(token.text())?;
        (now < entry.until).then(|| entry.clone())
    }

    /// Adds a verified token.
    pub(super) fn insert(&self, token: UnverifiedToken<'_>, entry: Entry) {
        let text: Arc<str> = token.text().into();
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.by_token.insert(Arc::clone(&text), entry).is_none() {
            entries.oldest_first.push_back(text);
        }
        if entries.oldest_first.len() > MAX_ENTRIES
            && let Some(oldest) = entries.oldest_first.pop_front()
        {
            entries.by_token.remove(&oldest);
        }
    }
}
