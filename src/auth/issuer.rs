//! The issuers whose tokens are trusted, with their keys.

use std::collections::HashSet;

use jwt_simple::prelude::{Duration, VerificationOptions};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    algorithm::Algorithm,
    key::VerificationKey,
    token::{LEEWAY_SECONDS, UnverifiedToken, VerifiedToken},
};

/// The issuers of one kind of credential, as the variables `bearer_issuers` and
/// `platform_issuers` name them.
#[derive(Debug, Clone, Default)]
pub struct Issuers(Vec<Issuer>);

#[derive(Debug, Clone)]
struct Issuer {
    name: String,
    audiences: Option<HashSet<String>>,
    keys: Vec<VerificationKey>,
}

/// Why a list of issuers cannot be used. It says nothing about a key but its place.
#[derive(Debug, thiserror::Error)]
pub enum IssuersError {
    /// Not a JSON array of issuers.
    #[error("is not a JSON array of issuers: {0}")]
    Json(#[from] serde_json::Error),
    /// An issuer without a name.
    #[error("has an issuer whose name is empty")]
    NoName,
    /// Two issuers of one name.
    #[error("names the issuer {0} twice")]
    Twice(String),
    /// An algorithm that no key may have.
    #[error("issuer {issuer}: {algorithm} is not a signature algorithm that this service knows")]
    Algorithm {
        /// Whose.
        issuer: String,
        /// As it was written.
        algorithm: String,
    },
    /// Not exactly one source of keys.
    #[error("issuer {0}: give its keys by one of jwks, jwks_uri and pem")]
    KeySource(String),
    /// Keys by URL are not read.
    #[error("issuer {0}: jwks_uri is not supported, give the keys by jwks or pem")]
    KeysByUrl(String),
    /// None of its keys can be used.
    #[error("issuer {issuer}: no usable key ({reasons})")]
    NoKey {
        /// Whose.
        issuer: String,
        /// Why not, key by key.
        reasons: String,
    },
    /// A name or a key is both a bearer's and a platform's.
    #[error("shares the issuer or a key of {0} with the other kind of credential")]
    Shared(String),
}

/// An issuer as it is configured. Unknown members are refused: a misspelt `audiences` must not
/// mean that every audience will do.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IssuerConfig {
    issuer: String,
    jwks: Option<KeySetConfig>,
    jwks_uri: Option<String>,
    pem: Option<String>,
    audiences: Option<HashSet<String>>,
    algorithms: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct KeySetConfig {
    keys: Vec<Map<String, Value>>,
}

impl Issuers {
    /// Reads a configured list.
    pub fn parse(json: &str) -> Result<Self, IssuersError> {
        let configs: Vec<IssuerConfig> = serde_json::from_str(json)?;
        let mut issuers: Vec<Issuer> = Vec::with_capacity(configs.len());
        for config in configs {
            let issuer = Issuer::of(config)?;
            if issuers.iter().any(|other| other.name == issuer.name) {
                return Err(IssuersError::Twice(issuer.name));
            }
            issuers.push(issuer);
        }
        Ok(Self(issuers))
    }

    /// Holds that neither a name nor a key is in both lists: what one kind of credential proves
    /// must not be provable by the other.
    pub fn disjoint_from(&self, others: &Self) -> Result<(), IssuersError> {
        let of_others: HashSet<String> = others.0.iter().flat_map(Issuer::marks).collect();
        let shared = self
            .0
            .iter()
            .find(|issuer| issuer.marks().any(|mark| of_others.contains(&mark)));
        match shared {
            Some(issuer) => Err(IssuersError::Shared(issuer.name.clone())),
            None => Ok(()),
        }
    }

    /// Verifies a token with the keys of the issuer that it names.
    #[must_use]
    pub fn verify(&self, token: UnverifiedToken<'_>) -> Option<VerifiedToken> {
        let hints = token.hints()?;
        let issuer = self.0.iter().find(|issuer| issuer.name == hints.issuer)?;
        let claims = issuer
            .keys
            .iter()
            .filter(|key| key.fits(hints.algorithm, hints.key_id.as_deref()))
            .find_map(|key| {
                key.verify(hints.algorithm, token.text(), Some(issuer.options()))
                    .ok()
            })?;
        VerifiedToken::of(claims)
    }
}

impl Issuer {
    fn of(config: IssuerConfig) -> Result<Self, IssuersError> {
        let name = config.issuer;
        if name.trim().is_empty() {
            return Err(IssuersError::NoName);
        }
        let allowed = config
            .algorithms
            .map(|names| allowed_algorithms(&name, &names))
            .transpose()?;
        let allowed = allowed.as_deref();
        let read = match (config.jwks, config.jwks_uri, config.pem) {
            (Some(set), None, None) => set
                .keys
                .iter()
                .map(|key| VerificationKey::read(key, allowed))
                .collect(),
            (None, None, Some(pem)) => vec![VerificationKey::of_bare_pem(&pem, allowed)],
            (None, Some(_), None) => return Err(IssuersError::KeysByUrl(name)),
            _ => return Err(IssuersError::KeySource(name)),
        };
        let mut keys = Vec::new();
        let mut reasons = Vec::new();
        for (index, key) in read.into_iter().enumerate() {
            match key {
                Ok(key) => keys.push(key),
                Err(error) => reasons.push(format!("key {index}: {error}")),
            }
        }
        if keys.is_empty() {
            return Err(IssuersError::NoKey {
                issuer: name,
                reasons: reasons.join("; "),
            });
        }
        Ok(Self {
            name,
            audiences: config.audiences,
            keys,
        })
    }

    fn options(&self) -> VerificationOptions {
        VerificationOptions {
            allowed_issuers: Some(HashSet::from([self.name.clone()])),
            allowed_audiences: self.audiences.clone(),
            time_tolerance: Some(Duration::from_secs(LEEWAY_SECONDS)),
            ..VerificationOptions::default()
        }
    }

    /// What it may not share with an issuer of the other kind.
    fn marks(&self) -> impl Iterator<Item = String> {
        let keys = self
            .keys
            .iter()
            .map(|key| format!("key {}", key.fingerprint()));
        std::iter::once(format!("name {}", self.name)).chain(keys)
    }
}

fn allowed_algorithms(issuer: &str, names: &[String]) -> Result<Vec<Algorithm>, IssuersError> {
    let read = |name: &String| {
        Algorithm::from_name(name).ok_or_else(|| IssuersError::Algorithm {
            issuer: issuer.to_owned(),
            algorithm: name.clone(),
        })
    };
    names.iter().map(read).collect()
}
