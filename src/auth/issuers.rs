//! The issuers whose tokens are trusted: those of bearers and those of platform access tokens.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use sha2::{Digest, Sha256};

use super::{
    host::KeyHost,
    issuer::{Issuer, IssuerUnavailable},
    issuer_config::{Entry, IssuerError, IssuersError, Mark, entries},
    key::Fingerprint,
    key_holders::KeyHolders,
    remote::RemoteKeys,
    seal::Seal,
    shared_tokens::{SharedToken, TokenHash},
    token::{UnverifiedToken, VerifiedToken},
    verified_tokens::{self, VerifiedTokens},
};
use crate::timestamp::Timestamp;

/// How often an instance looks which keys the issuers have whose tokens come to other instances.
const LOOK_AGAIN_SECONDS: i64 = 10;

/// The issuers of one kind of credential.
#[derive(Debug)]
pub struct Issuers {
    list: Vec<Issuer>,
    /// A hash of the list as it is configured.
    configuration: [u8; 32],
    verified: VerifiedTokens,
    both: Arc<BothKinds>,
}

/// What the issuers of both kinds have in common.
#[derive(Debug)]
struct BothKinds {
    holders: Arc<KeyHolders>,
    remotes: Vec<Arc<RemoteKeys>>,
    issuers: usize,
    looked_at: Mutex<Option<Timestamp>>,
    seal: Arc<Seal>,
}

/// Reads the variables `bearer_issuers` and `platform_issuers`. What one kind of credential proves
/// must not be provable by the other, nor one issuer's token by another's key: entries that have a
/// name, a key or a URL in common are all out of use.
pub fn read(
    bearer: &str,
    platform: &str,
    seal: Seal,
) -> (Result<Issuers, IssuersError>, Result<Issuers, IssuersError>) {
    let (holders, seal) = (Arc::default(), Arc::new(seal));
    let lists = [bearer, platform].map(entries);
    let mut owners: HashMap<Mark, usize> = HashMap::new();
    for entry in lists.iter().flatten().flatten() {
        for mark in entry.marks() {
            *owners.entry(mark).or_default() += 1;
        }
    }
    let lists = lists.map(|list| {
        let issuer = |entry: Entry| {
            let shared = shared(&entry.marks(), &owners);
            Issuer::of(entry, shared, &holders, &seal)
        };
        let issuers = list?.into_iter().map(issuer);
        Ok::<_, IssuersError>(issuers.collect::<Vec<_>>())
    });
    let all = || lists.iter().flatten().flatten();
    let both = Arc::new(BothKinds {
        remotes: all().filter_map(Issuer::remote_keys).cloned().collect(),
        issuers: all().count(),
        holders,
        looked_at: Mutex::default(),
        seal,
    });
    let [bearer_list, platform_list] = lists;
    let issuers = |list: Result<Vec<Issuer>, IssuersError>, json: &str| {
        Ok(Issuers {
            list: list?,
            configuration: Sha256::digest(json).into(),
            verified: VerifiedTokens::default(),
            both: Arc::clone(&both),
        })
    };
    (
        issuers(bearer_list, bearer),
        issuers(platform_list, platform),
    )
}

/// Says what an entry has in common with another one, if it has anything.
fn shared(marks: &HashSet<Mark>, owners: &HashMap<Mark, usize>) -> Option<IssuerError> {
    let shared = |mark: &&Mark| owners.get(mark).is_some_and(|owners| *owners > 1);
    let errors = marks.iter().filter(shared).map(|mark| match mark {
        Mark::Name(_) => IssuerError::SharedName,
        Mark::Url(_) | Mark::Key(_) => IssuerError::SharedKey,
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

    /// Verifies a token with the keys of the issuer that it names; None if it does not hold.
    pub async fn verify(
        &self,
        token: UnverifiedToken<'_>,
        host: &impl KeyHost,
    ) -> Result<Option<Arc<VerifiedToken>>, IssuerUnavailable> {
        let now = host.now();
        self.both.look(host, now);
        if let Some(entry) = self.verified.find(token, now)
            && let Some(issuer) = self.list.get(entry.issuer)
            && let Ok(trust) = &issuer.trust
            && trust.keys(host).await?.has(entry.key)
        {
            self.both.hold_unshared(entry.key)?;
            return Ok(Some(entry.token));
        }
        let Some(hints) = token.hints(now) else {
            return Ok(None);
        };
        let named = |issuer: &Issuer| issuer.name == hints.issuer;
        let Some(place) = self.list.iter().position(named) else {
            return Ok(None);
        };
        let issuer = &self.list[place];
        let trust = issuer.trust.as_ref().map_err(|_| IssuerUnavailable)?;
        let keys = trust.keys_for(&hints, host).await?;
        let candidates = || keys.candidates(hints.algorithm, hints.key_id.as_deref());
        if candidates().next().is_none() {
            return Ok(None);
        }
        let hash = TokenHash::of(token, self.configuration);
        if let Some(shared) = self.shared(hash, host, now)
            && shared.token.is_of(&issuer.name)
            && candidates().any(|candidate| candidate.fingerprint() == shared.key)
        {
            let SharedToken {
                token: verified,
                key,
                until,
            } = shared;
            self.both.hold_unshared(key)?;
            return Ok(Some(self.keep(token, verified, place, key, until)));
        }
        for key in candidates() {
            let options = trust.options(&issuer.name, now);
            let claims = key.verify(hints.algorithm, token.text(), Some(options));
            let Some(verified) = claims.ok().and_then(VerifiedToken::of) else {
                continue;
            };
            let key = key.fingerprint();
            self.both.hold_unshared(key)?;
            let Some(until) = verified_tokens::until(token, &verified, now) else {
                return Ok(Some(Arc::new(verified)));
            };
            self.share(hash, &verified, key, until, host);
            return Ok(Some(self.keep(token, verified, place, key, until)));
        }
        Ok(None)
    }

    /// Returns what another instance has shared of a token.
    fn shared(&self, hash: TokenHash, host: &impl KeyHost, now: Timestamp) -> Option<SharedToken> {
        let value = host.shared_token(&hash.slot())?;
        let json = self.both.seal.open(&hash.stored_name(), &value)?;
        SharedToken::read(json, hash, now)
    }

    /// Shares a token that was verified with other instances.
    fn share(
        &self,
        hash: TokenHash,
        token: &VerifiedToken,
        key: Fingerprint,
        until: Timestamp,
        host: &impl KeyHost,
    ) {
        if let Some(json) = SharedToken::write(hash, token, key, until) {
            let value = self.both.seal.close(&hash.stored_name(), json);
            host.share_token(&hash.slot(), value);
        }
    }

    /// Keeps a token that was verified, for this instance.
    fn keep(
        &self,
        token: UnverifiedToken<'_>,
        verified: VerifiedToken,
        issuer: usize,
        key: Fingerprint,
        until: Timestamp,
    ) -> Arc<VerifiedToken> {
        let verified = Arc::new(verified);
        let entry = verified_tokens::Entry {
            token: Arc::clone(&verified),
            issuer,
            key,
            until,
        };
        self.verified.keep(token, entry);
        verified
    }
}

impl BothKinds {
    /// Looks now and then which keys the issuers have by now whose tokens come to other instances:
    /// a key that two issuers hold must be found out by an instance that sees tokens of one alone.
    fn look(&self, host: &impl KeyHost, now: Timestamp) {
        if self.remotes.is_empty() || self.issuers < 2 {
            return;
        }
        let due = {
            let mut looked_at = self
                .looked_at
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let due = looked_at.is_none_or(|at| now.seconds_apart(at) >= LOOK_AGAIN_SECONDS);
            if due {
                *looked_at = Some(now);
            }
            due
        };
        if due {
            for remote in &self.remotes {
                remote.look(host, now);
            }
        }
    }

    /// Holds that a key is one issuer's alone.
    fn hold_unshared(&self, key: Fingerprint) -> Result<(), IssuerUnavailable> {
        if self.holders.is_shared(key) {
            Err(IssuerUnavailable)
        } else {
            Ok(())
        }
    }
}
