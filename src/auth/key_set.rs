//! Sets of keys (RFC 7517, section 5).

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    algorithm::Algorithm,
    key::{Fingerprint, UnusableKey, VerificationKey},
};

/// More keys than this are not read; the work that a token can cause is bounded by it.
const MAX_KEYS: usize = 64;

/// The usable keys of an issuer; at least one.
#[derive(Debug)]
pub(super) struct KeySet(Vec<VerificationKey>);

/// None of the keys can be used, or what was read is no set of keys.
#[derive(Debug, thiserror::Error)]
#[error("no usable key ({0})")]
pub struct NoUsableKey(String);

/// A JSON Web Key Set, unread.
#[derive(Deserialize)]
pub(super) struct Jwks {
    keys: Vec<Value>,
}

impl KeySet {
    /// The usable keys of a set. Others do no harm: a set may hold keys for other purposes.
    pub(super) fn of_jwks(jwks: &Jwks, allowed: Option<&[Algorithm]>) -> Result<Self, NoUsableKey> {
        let no_object = Map::new();
        let keys = jwks.keys.iter().take(MAX_KEYS).map(|key| {
            let members = key.as_object().unwrap_or(&no_object);
            VerificationKey::read(members, allowed)
        });
        Self::of(keys)
    }

    /// The usable keys of a set, as its issuer serves it.
    pub(super) fn of_json(json: &[u8], allowed: Option<&[Algorithm]>) -> Result<Self, NoUsableKey> {
        let jwks = serde_json::from_slice(json)
            .map_err(|error| NoUsableKey(format!("not a JWKS: {error}")))?;
        Self::of_jwks(&jwks, allowed)
    }

    /// The key in a PEM text.
    pub(super) fn of_pem(pem: &str, allowed: Option<&[Algorithm]>) -> Result<Self, NoUsableKey> {
        Self::of([VerificationKey::of_bare_pem(pem, allowed)])
    }

    fn of(
        read: impl IntoIterator<Item = Result<VerificationKey, UnusableKey>>,
    ) -> Result<Self, NoUsableKey> {
        let mut keys = Vec::new();
        let mut reasons = Vec::new();
        for (index, key) in read.into_iter().enumerate() {
            match key {
                Ok(key) => keys.push(key),
                Err(error) => reasons.push(format!("key {index}: {error}")),
            }
        }
        if keys.is_empty() {
            reasons.push("the set has no other".to_owned());
            return Err(NoUsableKey(reasons.join("; ")));
        }
        Ok(Self(keys))
    }

    /// The keys that may have signed a token with this `alg` and `kid`.
    pub(super) fn candidates(
        &self,
        algorithm: Algorithm,
        id: Option<&str>,
    ) -> impl Iterator<Item = &VerificationKey> {
        self.0.iter().filter(move |key| key.fits(algorithm, id))
    }

    /// Whether a key is still in the set.
    pub(super) fn has(&self, key: Fingerprint) -> bool {
        self.fingerprints().any(|other| other == key)
    }

    /// The fingerprints of its keys.
    pub(super) fn fingerprints(&self) -> impl Iterator<Item = Fingerprint> {
        self.0.iter().map(VerificationKey::fingerprint)
    }
}
