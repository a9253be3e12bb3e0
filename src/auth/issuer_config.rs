//! The entries of the variables `bearer_issuers` and `platform_issuers`.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    algorithm::Algorithm,
    json_error::JsonError,
    key::Fingerprint,
    key_set::{Jwks, KeySet, NoUsableKey, pem_fingerprint, read_pem},
    remote::NotAKeyUrl,
};

/// Why a list of issuers is unusable.
#[derive(Debug, thiserror::Error)]
pub enum IssuersError {
    /// Not a JSON array.
    #[error("is not a JSON array of issuers: {0}")]
    Json(JsonError),
    /// An entry has no name, so no token can be matched with it.
    #[error("has an issuer without a name, entry {0}")]
    NoName(usize),
}

/// Why one entry of a list is unusable. The reason names keys by their index and quotes no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssuerError {
    /// A member is unknown, missing or of the wrong type.
    #[error("{0}")]
    Json(JsonError),
    /// Another entry has the same name.
    #[error("another entry has the same issuer")]
    SharedName,
    /// Another entry has one of the keys, or the URL.
    #[error("another entry has a key of this issuer")]
    SharedKey,
    /// An unsupported algorithm.
    #[error("algorithms[{0}] is not a supported signature algorithm")]
    Algorithm(usize),
    /// No algorithm at all.
    #[error("algorithms is empty, so no token could be verified")]
    NoAlgorithm,
    /// No audience at all.
    #[error("audiences is empty, so no token could be for this service")]
    NoAudience,
    /// Not exactly one source of keys.
    #[error("must have exactly one of jwks, jwks_uri and pem")]
    KeySource,
    /// Keys may not be fetched from the URL.
    #[error(transparent)]
    KeyUrl(#[from] NotAKeyUrl),
    /// No key is usable.
    #[error(transparent)]
    NoKey(#[from] NoUsableKey),
}

/// An entry with a name. An error in the rest of it makes this issuer alone unusable.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) issuer: String,
    pub(super) config: Result<IssuerConfig, IssuerError>,
}

/// The configuration of an issuer. Unknown members are errors: a misspelt `audiences` must not mean
/// that every audience is accepted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IssuerConfig {
    #[serde(rename = "issuer")]
    _issuer: serde::de::IgnoredAny,
    jwks: Option<Jwks>,
    jwks_uri: Option<String>,
    pem: Option<String>,
    audiences: Option<HashSet<String>>,
    algorithms: Option<Vec<String>>,
}

/// A value that no two entries may have. (The keys at a URL are not known yet, so the URL stands for
/// them.)
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum UniqueValue {
    Name(String),
    Url(String),
    Key(Fingerprint),
}

/// The source of the keys of an entry.
pub(super) enum KeyConfig {
    Keys(KeySet),
    Url(String),
}

/// Reads a list, entry by entry.
pub(super) fn entries(json: &str) -> Result<Vec<Entry>, IssuersError> {
    #[derive(Deserialize)]
    struct Named {
        issuer: String,
    }
    let entries: Vec<&RawValue> =
        serde_json::from_str(json).map_err(|error| IssuersError::Json(error.into()))?;
    let read = |(index, entry): (usize, &&RawValue)| {
        let named: Option<Named> = serde_json::from_str(entry.get()).ok();
        let issuer = named.map(|named| named.issuer).unwrap_or_default();
        if issuer.trim().is_empty() {
            return Err(IssuersError::NoName(index));
        }
        let config = serde_json::from_str(entry.get());
        Ok(Entry {
            issuer,
            config: config.map_err(|error| IssuerError::Json(JsonError::from(error))),
        })
    };
    entries.iter().enumerate().map(read).collect()
}

impl Entry {
    /// Returns the values that no other entry may have. Unusable keys are included, so that an error
    /// in one entry does not hide that another one has the same key.
    pub(super) fn unique_values(&self) -> HashSet<UniqueValue> {
        let mut values = HashSet::from([UniqueValue::Name(self.issuer.clone())]);
        if let Ok(config) = &self.config {
            values.extend(config.jwks_uri.clone().map(UniqueValue::Url));
            let pem = config.pem.as_deref().and_then(pem_fingerprint);
            let jwks = config.jwks.iter().flat_map(Jwks::fingerprints);
            values.extend(jwks.chain(pem).map(UniqueValue::Key));
        }
        values
    }
}

impl IssuerConfig {
    /// Returns the accepted algorithms; None if the entry names none.
    pub(super) fn algorithms(&self) -> Result<Option<Vec<Algorithm>>, IssuerError> {
        let Some(names) = &self.algorithms else {
            return Ok(None);
        };
        if names.is_empty() {
            return Err(IssuerError::NoAlgorithm);
        }
        let parse = |(index, name): (usize, &String)| {
            Algorithm::from_name(name).ok_or(IssuerError::Algorithm(index))
        };
        let algorithms = names.iter().enumerate().map(parse);
        algorithms.collect::<Result<_, _>>().map(Some)
    }

    /// Returns the accepted audiences; None if every audience is accepted.
    pub(super) fn audiences(&self) -> Result<Option<HashSet<String>>, IssuerError> {
        match &self.audiences {
            Some(audiences) if audiences.is_empty() => Err(IssuerError::NoAudience),
            audiences => Ok(audiences.clone()),
        }
    }

    /// Returns the keys, or their URL.
    pub(super) fn keys(&self, allowed: Option<&[Algorithm]>) -> Result<KeyConfig, IssuerError> {
        match (&self.jwks, &self.jwks_uri, &self.pem) {
            (Some(jwks), None, None) => Ok(KeyConfig::Keys(jwks.read(allowed).at_least_one()?)),
            (None, None, Some(pem)) => Ok(KeyConfig::Keys(read_pem(pem, allowed).at_least_one()?)),
            (None, Some(url), None) => Ok(KeyConfig::Url(url.clone())),
            _ => Err(IssuerError::KeySource),
        }
    }
}
