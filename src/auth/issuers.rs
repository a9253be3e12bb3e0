//! The trusted issuers of bearer tokens and of platform access tokens.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use sha2::{Digest, Sha256};

use super::{
    host::KeyHost,
    issuer::Issuer,
    issuer_config::{Entry, IssuerError, IssuersError, UniqueValue, entries},
    key::{Fingerprint, VerifyError},
    key_owners::KeyOwners,
    rejection::{Rejection, RejectionReason},
    remote::RemoteKeys,
    seal::Seal,
    shared_tokens::{SharedToken, TokenHash},
    token::{KeyHint, UnverifiedToken, VerifiedToken},
    token_cache::{self, TokenCache},
};
use crate::timestamp::Timestamp;

/// The interval at which an instance reads the stored keys of all issuers.
const POLL_SECONDS: i64 = 10;

/// The issuers of one kind of credential.
#[derive(Debug)]
pub struct Issuers {
    list: Vec<Issuer>,
    /// A hash of the configured list.
    configuration: [u8; 32],
    cache: TokenCache,
    common: Arc<Common>,
}

/// What the issuers of both kinds share.
#[derive(Debug)]
struct Common {
    owners: Arc<KeyOwners>,
    remotes: Vec<Arc<RemoteKeys>>,
    issuer_count: usize,
    polled_at: Mutex<Option<Timestamp>>,
    seal: Arc<Seal>,
}

/// Reads the variables `bearer_issuers` and `platform_issuers`.
///
/// No issuer may be able to sign tokens of another one or of the other kind. Entries that have the
/// same name, key or URL are therefore all out of use.
pub fn read(
    bearer: &str,
    platform: &str,
    seal: Seal,
) -> (Result<Issuers, IssuersError>, Result<Issuers, IssuersError>) {
    let (owners, seal) = (Arc::default(), Arc::new(seal));
    let lists = [bearer, platform].map(entries);
    let mut counts: HashMap<UniqueValue, usize> = HashMap::new();
    for entry in lists.iter().flatten().flatten() {
        for value in entry.unique_values() {
            *counts.entry(value).or_default() += 1;
        }
    }
    let lists = lists.map(|list| {
        let issuer = |entry: Entry| {
            let conflict = conflict(&entry.unique_values(), &counts);
            Issuer::new(entry, conflict, &owners, &seal)
        };
        let issuers = list?.into_iter().map(issuer);
        Ok::<_, IssuersError>(issuers.collect::<Vec<_>>())
    });
    let all = || lists.iter().flatten().flatten();
    let common = Arc::new(Common {
        remotes: all().filter_map(Issuer::remote_keys).cloned().collect(),
        issuer_count: all().count(),
        owners,
        polled_at: Mutex::default(),
        seal,
    });
    let [bearer_list, platform_list] = lists;
    let issuers = |list: Result<Vec<Issuer>, IssuersError>, json: &str| {
        Ok(Issuers {
            list: list?,
            configuration: Sha256::digest(json).into(),
            cache: TokenCache::default(),
            common: Arc::clone(&common),
        })
    };
    (
        issuers(bearer_list, bearer),
        issuers(platform_list, platform),
    )
}

/// Returns the conflict of an entry with another one, if there is any.
fn conflict(
    values: &HashSet<UniqueValue>,
    counts: &HashMap<UniqueValue, usize>,
) -> Option<IssuerError> {
    let is_shared = |value: &&UniqueValue| counts.get(value).is_some_and(|count| *count > 1);
    let errors = values.iter().filter(is_shared).map(|value| match value {
        UniqueValue::Name(_) => IssuerError::SharedName,
        UniqueValue::Url(_) | UniqueValue::Key(_) => IssuerError::SharedKey,
    });
    errors.max_by_key(|error| *error == IssuerError::SharedName)
}

impl Issuers {
    /// Returns the issuers that are out of use, and why.
    pub fn unusable(&self) -> impl Iterator<Item = (&str, &IssuerError)> {
        let issuers = self.list.iter();
        issuers.filter_map(|issuer| Some((&*issuer.name, issuer.trust.as_ref().err()?)))
    }

    /// Returns the names of the issuers, each with the reason why it is out of use, if it is.
    pub fn states(&self) -> impl Iterator<Item = (&str, Option<&IssuerError>)> {
        let issuers = self.list.iter();
        issuers.map(|issuer| (&*issuer.name, issuer.trust.as_ref().err()))
    }

    /// Verifies a token with the keys of the issuer that it names.
    pub async fn verify(
        &self,
        token: UnverifiedToken<'_>,
        host: &impl KeyHost,
    ) -> Result<Arc<VerifiedToken>, Rejection> {
        let now = host.now();
        self.common.poll(host, now);
        if let Some(entry) = self.cache.find(token, now)
            && let Some(issuer) = self.list.get(entry.issuer)
            && self
                .is_current(issuer, entry.key, host)
                .await
                .map_err(|reason| reason.of_issuer(&issuer.name))?
        {
            return Ok(entry.token);
        }
        let hints = token.hints().ok_or(RejectionReason::Malformed)?;
        let is_named = |issuer: &Issuer| *issuer.name == hints.issuer;
        let index = self.list.iter().position(is_named);
        let index = index.ok_or(RejectionReason::UnknownIssuer)?;
        let rejected = |reason: RejectionReason| reason.of_issuer(&self.list[index].name);
        let hint = hints.key_hint(now).map_err(rejected)?;
        let verified = self.verify_for(index, token, &hint, now, host).await;
        verified.map_err(rejected)
    }

    /// Returns whether the key of a cached token is still in the set of its issuer.
    async fn is_current(
        &self,
        issuer: &Issuer,
        key: Fingerprint,
        host: &impl KeyHost,
    ) -> Result<bool, RejectionReason> {
        let is_current = issuer.trust()?.keys(host).await?.has(key);
        if is_current {
            self.common.require_unshared(key)?;
        }
        Ok(is_current)
    }

    /// Verifies a token of one issuer.
    async fn verify_for(
        &self,
        index: usize,
        token: UnverifiedToken<'_>,
        hint: &KeyHint,
        now: Timestamp,
        host: &impl KeyHost,
    ) -> Result<Arc<VerifiedToken>, RejectionReason> {
        let issuer = &self.list[index];
        let trust = issuer.trust()?;
        let keys = trust.keys_for(hint, host).await?;
        if !keys.has_candidates(hint) {
            return Err(RejectionReason::UnknownKey);
        }
        let hash = TokenHash::of(token, self.configuration);
        if let Some(shared) = self.shared_token(hash, host, now)
            && shared.token.is_of(&issuer.name)
            && keys
                .candidates(hint)
                .any(|candidate| candidate.fingerprint() == shared.key)
        {
            let SharedToken {
                token: verified,
                key,
                until,
            } = shared;
            self.common.require_unshared(key)?;
            return Ok(self.cache(token, verified, index, key, until));
        }
        let mut reason = RejectionReason::BadSignature;
        for key in keys.candidates(hint) {
            let options = trust.options(&issuer.name, now);
            let claims = match key.verify(hint.algorithm, token.text(), Some(options)) {
                Ok(claims) => claims,
                // The signature matches one key at most, so any other reason is the right one.
                Err(VerifyError::Token(error)) if error != RejectionReason::BadSignature => {
                    reason = error;
                    continue;
                }
                Err(_) => continue,
            };
            let Some(verified) = VerifiedToken::of(claims) else {
                reason = RejectionReason::NoExpiry;
                continue;
            };
            let key = key.fingerprint();
            self.common.require_unshared(key)?;
            let Some(until) = token_cache::cached_until(token, &verified, now) else {
                return Ok(Arc::new(verified));
            };
            self.share(hash, &verified, key, until, host);
            return Ok(self.cache(token, verified, index, key, until));
        }
        Err(reason)
    }

    /// Returns the entry of a token that another instance has verified.
    fn shared_token(
        &self,
        hash: TokenHash,
        host: &impl KeyHost,
        now: Timestamp,
    ) -> Option<SharedToken> {
        let value = host.shared_token(&hash.slot())?;
        let json = self.common.seal.open(&hash.sealed_name(), &value)?;
        SharedToken::read(json, hash, now)
    }

    /// Shares a verified token with other instances.
    fn share(
        &self,
        hash: TokenHash,
        token: &VerifiedToken,
        key: Fingerprint,
        until: Timestamp,
        host: &impl KeyHost,
    ) {
        if let Some(json) = SharedToken::write(hash, token, key, until) {
            let value = self.common.seal.seal(&hash.sealed_name(), json);
            host.share_token(&hash.slot(), value);
        }
    }

    /// Caches a verified token in this instance.
    fn cache(
        &self,
        token: UnverifiedToken<'_>,
        verified: VerifiedToken,
        issuer: usize,
        key: Fingerprint,
        until: Timestamp,
    ) -> Arc<VerifiedToken> {
        let verified = Arc::new(verified);
        let entry = token_cache::Entry {
            token: Arc::clone(&verified),
            issuer,
            key,
            until,
        };
        self.cache.insert(token, entry);
        verified
    }
}

impl Common {
    /// Reads the stored keys of all issuers from time to time, so that an instance that sees tokens
    /// of one issuer alone finds out that another issuer has the same key.
    fn poll(&self, host: &impl KeyHost, now: Timestamp) {
        if self.remotes.is_empty() || self.issuer_count < 2 {
            return;
        }
        let is_due = {
            let mut polled_at = self
                .polled_at
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let is_due = polled_at.is_none_or(|at| now.seconds_apart(at) >= POLL_SECONDS);
            if is_due {
                *polled_at = Some(now);
            }
            is_due
        };
        if is_due {
            for remote in &self.remotes {
                remote.poll_store(host, now);
            }
        }
    }

    /// Returns an error if more than one issuer has a key.
    fn require_unshared(&self, key: Fingerprint) -> Result<(), RejectionReason> {
        if self.owners.is_shared(key) {
            Err(RejectionReason::SharedKey)
        } else {
            Ok(())
        }
    }
}
