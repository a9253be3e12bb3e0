//! Tokens that have been verified, so that it is not done twice.
//!
//! Verifying an RSA signature costs several times what all else in a request does. An entry is
//! found by the whole token, to the last byte, so that a token that differs in any has none. (A
//! hash alone would do with a slow one; the map's own is quick, keyed at random, and only leads
//! to the comparison.) It holds only while the key that verified it is in its issuer's set, up to
//! the token's `exp` and for no more than [`CEILING_SECONDS`]. A change of the configuration
//! begins with no entry.
//!
//! A client gains nothing by it. Only a token whose signature held comes in, and only a client that
//! has that very token finds it, which would be verified as well. Many tokens push out the oldest
//! entry and take no more memory; each of them has to be a good one.
//!
//! Across instances, see [`shared_tokens`](super::shared_tokens).

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    key::Fingerprint,
    token::{UnverifiedToken, VerifiedToken},
};
use crate::timestamp::Timestamp;

/// For how long a token is not verified again.
const CEILING_SECONDS: i64 = 60;
/// How many tokens are kept; with the next bound, some 2 MB of them.
const MAX_ENTRIES: usize = 512;
/// Of a longer token nothing is kept: what it claims may be as long.
const MAX_TOKEN_BYTES: usize = 4096;

/// The tokens that one instance has verified.
#[derive(Debug, Default)]
pub(super) struct VerifiedTokens(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    by_token: HashMap<Arc<str>, Entry>,
    oldest_first: VecDeque<Arc<str>>,
}

impl fmt::Debug for Entries {
    /// Without the tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} tokens", self.by_token.len())
    }
}

/// A token that was verified.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) token: Arc<VerifiedToken>,
    /// The place of its issuer.
    pub(super) issuer: usize,
    pub(super) key: Fingerprint,
    pub(super) until: Timestamp,
}

/// Returns to when a token that is verified now need not be verified again; None if it is not
/// kept.
pub(super) fn until(
    token: UnverifiedToken<'_>,
    verified: &VerifiedToken,
    now: Timestamp,
) -> Option<Timestamp> {
    (token.text().len() <= MAX_TOKEN_BYTES).then(|| latest(verified.expires_at(), now))
}

/// Returns to when a token may at most go without being verified again.
pub(super) fn latest(expires_at: Timestamp, now: Timestamp) -> Timestamp {
    expires_at.min(now.plus_seconds(CEILING_SECONDS))
}

impl VerifiedTokens {
    /// Returns the entry of a token.
    pub(super) fn find(&self, token: UnverifiedToken<'_>, now: Timestamp) -> Option<Entry> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.by_token.get(token.text())?;
        (now < entry.until).then(|| entry.clone())
    }

    /// Keeps a token that was verified.
    pub(super) fn keep(&self, token: UnverifiedToken<'_>, entry: Entry) {
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
