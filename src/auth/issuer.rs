//! One trusted issuer, with its keys.

use std::{collections::HashSet, sync::Arc};

use jwt_simple::prelude::{Duration, VerificationOptions};

use super::{
    host::KeyHost,
    issuer_config::{Entry, IssuerError, KeyConfig},
    key_owners::KeyOwners,
    key_set::KeySet,
    rejection::RejectionReason,
    remote::RemoteKeys,
    seal::Seal,
    token::{KeyHint, LEEWAY_SECONDS},
};
use crate::timestamp::Timestamp;

/// A configured issuer.
#[derive(Debug)]
pub(super) struct Issuer {
    pub(super) name: Arc<str>,
    /// What verifies its tokens, or why they cannot be verified.
    pub(super) trust: Result<Trust, IssuerError>,
}

/// What verifies the tokens of an issuer.
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

impl Issuer {
    /// Takes an entry of the configuration. `conflict` is a conflict with another entry.
    pub(super) fn new(
        entry: Entry,
        conflict: Option<IssuerError>,
        owners: &Arc<KeyOwners>,
        seal: &Arc<Seal>,
    ) -> Self {
        let name = entry.issuer.as_str().into();
        let trust = match conflict {
            Some(error) => Err(error),
            None => Trust::new(&name, &entry, owners, seal),
        };
        Self { name, trust }
    }

    /// Returns what verifies its tokens.
    pub(super) fn trust(&self) -> Result<&Trust, RejectionReason> {
        let trust = self.trust.as_ref();
        trust.map_err(|_| RejectionReason::IssuerMisconfigured)
    }

    /// Returns the keys at its URL, if it has one.
    pub(super) fn remote_keys(&self) -> Option<&Arc<RemoteKeys>> {
        match &self.trust.as_ref().ok()?.keys {
            KeySource::Remote(keys) => Some(keys),
            KeySource::Configured(_) => None,
        }
    }
}

impl Trust {
    fn new(
        issuer: &Arc<str>,
        entry: &Entry,
        owners: &Arc<KeyOwners>,
        seal: &Arc<Seal>,
    ) -> Result<Self, IssuerError> {
        let config = entry.config.as_ref().map_err(IssuerError::clone)?;
        let algorithms = config.algorithms()?;
        let allowed = algorithms.as_deref();
        let audiences = config.audiences()?;
        let keys = match config.keys(allowed)? {
            KeyConfig::Keys(keys) => {
                owners.add(issuer).set_keys(keys.fingerprints());
                KeySource::Configured(Arc::new(keys))
            }
            KeyConfig::Url(url) => {
                let owner = owners.add(issuer);
                let keys = RemoteKeys::new(&url, allowed, owner, Arc::clone(seal))?;
                KeySource::Remote(Arc::new(keys))
            }
        };
        Ok(Self { audiences, keys })
    }

    /// Returns the current keys.
    pub(super) async fn keys(&self, host: &impl KeyHost) -> Result<Arc<KeySet>, RejectionReason> {
        match &self.keys {
            KeySource::Configured(keys) => Ok(Arc::clone(keys)),
            KeySource::Remote(keys) => keys.current(host).await,
        }
    }

    /// Returns the keys for a token. Fetches them again if none of the known keys can have signed
    /// it.
    pub(super) async fn keys_for(
        &self,
        hint: &KeyHint,
        host: &impl KeyHost,
    ) -> Result<Arc<KeySet>, RejectionReason> {
        let keys = self.keys(host).await?;
        match &self.keys {
            KeySource::Remote(remote) if !keys.has_candidates(hint) => {
                remote.after_unknown_key(host).await
            }
            _ => Ok(keys),
        }
    }

    /// Returns what jwt-simple checks besides the signature.
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
