//! An issuer as the variables `bearer_issuers` and `platform_issuers` name it.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    algorithm::Algorithm,
    key::Fingerprint,
    key_set::{Jwks, KeySet, NoUsableKey, pem_fingerprint, read_pem},
    remote::NotAKeyUrl,
};

/// Why a list of issuers cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum IssuersError {
    /// Not a JSON array.
    #[error("is not a JSON array of issuers: {0}")]
    Json(#[from] serde_json::Error),
    /// An entry does not say whose it is, so that no token can be told to be of it.
    #[error("has an issuer without a name, entry {0}")]
    NoName(usize),
}

/// Why one entry of a list cannot be used. It says nothing about a key but its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssuerError {
    /// A member that is unknown or of the wrong type.
    #[error("{0}")]
    Form(String),
    /// Another entry has the same name.
    #[error("another entry has this issuer, too")]
    SharedName,
    /// Another entry has one of its keys, or its URL.
    #[error("another entry has a key of this issuer, too")]
    SharedKey,
    /// An algorithm that is not known.
    #[error("{0} is not a signature algorithm that this service knows")]
    Algorithm(String),
    /// No algorithm at all.
    #[error("algorithms is empty, so that no token could be verified")]
    NoAlgorithm,
    /// No audience at all.
    #[error("audiences is empty, so that no token could be for this service")]
    NoAudience,
    /// Not exactly one source of keys.
    #[error("its keys must be given by one of jwks, jwks_uri and pem")]
    KeySource,
    /// Its keys' URL is not one that is fetched from.
    #[error(transparent)]
    KeyUrl(#[from] NotAKeyUrl),
    /// None of its keys can be used.
    #[error(transparent)]
    NoKey(#[from] NoUsableKey),
}

/// An entry that says whose it is. What else it says may be wrong, which concerns it alone.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) issuer: String,
    pub(super) config: Result<IssuerConfig, IssuerError>,
}

/// An issuer as it is configured. Unknown members are refused: a misspelt `audiences` must not
/// mean that every audience will do.
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

/// What two entries must not have in common. (What a URL serves is not known yet, so that the URL
/// itself counts.)
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Mark {
    Name(String),
    Url(String),
    Key(Fingerprint),
}

/// An entry's source of keys, read.
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
    let entries: Vec<&RawValue> = serde_json::from_str(json)?;
    let read = |(index, entry): (usize, &&RawValue)| {
        let named: Option<Named> = serde_json::from_str(entry.get()).ok();
        let issuer = named.map(|named| named.issuer).unwrap_or_default();
        if issuer.trim().is_empty() {
            return Err(IssuersError::NoName(index));
        }
        let config = serde_json::from_str(entry.get());
        Ok(Entry {
            issuer,
            config: config.map_err(|error| IssuerError::Form(error.to_string())),
        })
    };
    entries.iter().enumerate().map(read).collect()
}

impl Entry {
    /// Returns all that no other entry may have: also of keys that cannot be used, so that what is
    /// wrong with one entry does not hide that another one has its key.
    pub(super) fn marks(&self) -> HashSet<Mark> {
        let mut marks = HashSet::from([Mark::Name(self.issuer.clone())]);
        if let Ok(config) = &self.config {
            marks.extend(config.jwks_uri.clone().map(Mark::Url));
            let pem = config.pem.as_deref().and_then(pem_fingerprint);
            let jwks = config.jwks.iter().flat_map(Jwks::fingerprints);
            marks.extend(jwks.chain(pem).map(Mark::Key));
        }
        marks
    }
}

impl IssuerConfig {
    /// Returns the algorithms that its tokens may have, if it names them.
    pub(super) fn algorithms(&self) -> Result<Option<Vec<Algorithm>>, IssuerError> {
        let Some(names) = &self.algorithms else {
            return Ok(None);
        };
        if names.is_empty() {
            return Err(IssuerError::NoAlgorithm);
        }
        let read = |name: &String| {
            Algorithm::from_name(name).ok_or_else(|| IssuerError::Algorithm(name.clone()))
        };
        names.iter().map(read).collect::<Result<_, _>>().map(Some)
    }

    /// Returns the audiences of which a token must be for one, if it names them.
    pub(super) fn audiences(&self) -> Result<Option<HashSet<String>>, IssuerError> {
        match &self.audiences {
            Some(audiences) if audiences.is_empty() => Err(IssuerError::NoAudience),
            audiences => Ok(audiences.clone()),
        }
    }

    /// Returns its keys, or where they are.
    pub(super) fn keys(&self, allowed: Option<&[Algorithm]>) -> Result<KeyConfig, IssuerError> {
        match (&self.jwks, &self.jwks_uri, &self.pem) {
            (Some(jwks), None, None) => Ok(KeyConfig::Keys(jwks.read(allowed).some()?)),
            (None, None, Some(pem)) => Ok(KeyConfig::Keys(read_pem(pem, allowed).some()?)),
            (None, Some(url), None) => Ok(KeyConfig::Url(url.clone())),
            _ => Err(IssuerError::KeySource),
        }
    }
}
