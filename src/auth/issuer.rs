//! One issuer whose tokens are trusted, with its keys.

use std::{collections::HashSet, sync::Arc};

use jwt_simple::prelude::{Duration, VerificationOptions};

use super::{
    host::KeyHost,
    issuer_config::{Entry, IssuerError, KeyConfig},
    key_holders::KeyHolders,
    key_set::KeySet,
    remote::RemoteKeys,
    seal::Seal,
    token::{Hints, LEEWAY_SECONDS},
};
use crate::timestamp::Timestamp;

/// An issuer that is configured.
#[derive(Debug)]
pub(super) struct Issuer {
    pub(super) name: String,
    /// What its tokens are verified by, or why none is.
    pub(super) trust: Result<Trust, IssuerError>,
}

/// What the tokens of an issuer are verified by.
#[derive(Debug)]
pub(super) struct Trust {
    audiences: Option<HashSet<String>>,
    keys: KeySource,
}

#[derive(Debug)]
enum KeySource {
    Configured(Arc<KeySet>),
    Remote(Arc<RemoteKeys>),
}

/// The issuer cannot be used now, which is no fault of a token: it is misconfigured, or shares a
/// key with another one, or its keys cannot be fetched and the old ones are too old.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the issuer cannot be used now")]
pub struct IssuerUnavailable;

impl Issuer {
    /// Reads an entry of the configuration that has something in common with another one, or not.
    pub(super) fn of(
        entry: Entry,
        shared: Option<IssuerError>,
        holders: &Arc<KeyHolders>,
        seal: &Arc<Seal>,
    ) -> Self {
        let trust = match shared {
            Some(error) => Err(error),
            None => Trust::of(&entry, holders, seal),
        };
        Self {
            name: entry.issuer,
            trust,
        }
    }

    /// Returns the keys that it serves at a URL, if it does.
    pub(super) fn remote_keys(&self) -> Option<&Arc<RemoteKeys>> {
        match &self.trust.as_ref().ok()?.keys {
            KeySource::Remote(keys) => Some(keys),
            KeySource::Configured(_) => None,
        }
    }
}

impl Trust {
    fn of(entry: &Entry, holders: &Arc<KeyHolders>, seal: &Arc<Seal>) -> Result<Self, IssuerError> {
        let config = entry.config.as_ref().map_err(IssuerError::clone)?;
        let algorithms = config.algorithms()?;
        let allowed = algorithms.as_deref();
        let audiences = config.audiences()?;
        let keys = match config.keys(allowed)? {
            KeyConfig::Keys(keys) => {
                holders.add(&entry.issuer).holds(keys.fingerprints());
                KeySource::Configured(Arc::new(keys))
            }
            KeyConfig::Url(url) => {
                let holder = holders.add(&entry.issuer);
                let keys = RemoteKeys::at(&url, allowed, holder, Arc::clone(seal))?;
                KeySource::Remote(Arc::new(keys))
            }
        };
        Ok(Self { audiences, keys })
    }

    /// Returns the keys that hold now.
    pub(super) async fn keys(&self, host: &impl KeyHost) -> Result<Arc<KeySet>, IssuerUnavailable> {
        match &self.keys {
            KeySource::Configured(keys) => Ok(Arc::clone(keys)),
            KeySource::Remote(keys) => keys.current(host).await,
        }
    }

    /// Returns keys of which one may have signed the token, fetched anew if none of the known may
    /// have.
    pub(super) async fn keys_for(
        &self,
        hints: &Hints,
        host: &impl KeyHost,
    ) -> Result<Arc<KeySet>, IssuerUnavailable> {
        let keys = self.keys(host).await?;
        let known = |keys: &KeySet| {
            let mut candidates = keys.candidates(hints.algorithm, hints.key_id.as_deref());
            candidates.next().is_some()
        };
        match &self.keys {
            KeySource::Remote(remote) if !known(&keys) => remote.renewed(host).await,
            _ => Ok(keys),
        }
    }

    /// Returns what a token of this issuer must claim.
    pub(super) fn options(&self, issuer: &str, now: Timestamp) -> VerificationOptions {
        VerificationOptions {
            allowed_issuers: Some(HashSet::from([issuer.to_owned()])),
            allowed_audiences: self.audiences.clone(),
            artificial_time: Some(Duration::from_secs(
                now.unix_seconds().try_into().unwrap_or_default(),
            )),
            time_tolerance: Some(Duration::from_secs(LEEWAY_SECONDS)),
            ..VerificationOptions::default()
        }
    }
}
