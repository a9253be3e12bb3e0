//! The issuers whose tokens are trusted, with their keys.

use std::{collections::HashSet, sync::Arc};

use jwt_simple::prelude::{Duration, VerificationOptions};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{
    algorithm::Algorithm,
    host::KeyHost,
    key::Fingerprint,
    key_set::{Jwks, KeySet, NoUsableKey},
    remote::{KeysUnavailable, NotAKeyUrl, RemoteKeys},
    shared_tokens::{SharedToken, TokenHash},
    token::{Hints, LEEWAY_SECONDS, UnverifiedToken, VerifiedToken},
    verified_tokens::{Entry, VerifiedTokens},
};
use crate::timestamp::Timestamp;

/// The issuers of one kind of credential, as the variables `bearer_issuers` and
/// `platform_issuers` name them.
#[derive(Debug, Default)]
pub struct Issuers {
    list: Vec<Issuer>,
    /// A hash of the list as it is configured.
    configuration: [u8; 32],
    verified: VerifiedTokens,
}

#[derive(Debug)]
struct Issuer {
    name: String,
    audiences: Option<HashSet<String>>,
    keys: KeySource,
}

#[derive(Debug)]
enum KeySource {
    Configured(Arc<KeySet>),
    Remote(Arc<RemoteKeys>),
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
    /// Its keys' URL is none that is fetched from.
    #[error("issuer {0}: {1}")]
    KeyUrl(String, NotAKeyUrl),
    /// None of its keys can be used.
    #[error("issuer {0}: {1}")]
    NoKey(String, NoUsableKey),
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
    jwks: Option<Jwks>,
    jwks_uri: Option<String>,
    pem: Option<String>,
    audiences: Option<HashSet<String>>,
    algorithms: Option<Vec<String>>,
}

impl Issuers {
    /// Reads a configured list.
    pub fn parse(json: &str) -> Result<Self, IssuersError> {
        let configs: Vec<IssuerConfig> = serde_json::from_slice(json.as_bytes())?;
        let mut issuers: Vec<Issuer> = Vec::with_capacity(configs.len());
        for config in configs {
            let issuer = Issuer::of(config)?;
            if issuers.iter().any(|other| other.name == issuer.name) {
                return Err(IssuersError::Twice(issuer.name));
            }
            issuers.push(issuer);
        }
        Ok(Self {
            list: issuers,
            configuration: Sha256::digest(json).into(),
            verified: VerifiedTokens::default(),
        })
    }

    /// Holds that neither a name nor a key is in both lists: what one kind of credential proves
    /// must not be provable by the other.
    pub fn disjoint_from(&self, others: &Self) -> Result<(), IssuersError> {
        let of_others: HashSet<String> = others.list.iter().flat_map(Issuer::marks).collect();
        let shared = self
            .list
            .iter()
            .find(|issuer| issuer.marks().iter().any(|mark| of_others.contains(mark)));
        match shared {
            Some(issuer) => Err(IssuersError::Shared(issuer.name.clone())),
            None => Ok(()),
        }
    }

    /// Verifies a token with the keys of the issuer that it names; None if it does not hold.
    pub async fn verify(
        &self,
        token: UnverifiedToken<'_>,
        host: &impl KeyHost,
    ) -> Result<Option<Arc<VerifiedToken>>, KeysUnavailable> {
        let now = Timestamp::now();
        if let Some(entry) = self.verified.find(token, now)
            && let Some(issuer) = self.list.get(entry.issuer)
            && issuer.keys(host).await?.has(entry.key)
        {
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
        let keys = issuer.keys_for(&hints, host).await?;
        let candidates = || keys.candidates(hints.algorithm, hints.key_id.as_deref());
        if candidates().next().is_none() {
            return Ok(None);
        }
        let hash = TokenHash::of(token, self.configuration);
        let shared = host.shared_token(&hash.slot());
        let shared = shared.and_then(|json| SharedToken::read(&json, hash, now));
        if let Some(SharedToken {
            token: verified,
            key,
            until,
        }) = shared
            && verified.is_of(&issuer.name)
            && candidates().any(|candidate| candidate.fingerprint() == key)
        {
            return Ok(Some(self.keep(token, verified, place, key, until)));
        }
        for key in candidates() {
            let claims = key.verify(hints.algorithm, token.text(), Some(issuer.options()));
            let Some(verified) = claims.ok().and_then(VerifiedToken::of) else {
                continue;
            };
            let key = key.fingerprint();
            let Some(until) = VerifiedTokens::until(token, &verified, now) else {
                return Ok(Some(Arc::new(verified)));
            };
            if let Some(json) = SharedToken::write(hash, &verified, key, until) {
                host.share_token(&hash.slot(), json);
            }
            return Ok(Some(self.keep(token, verified, place, key, until)));
        }
        Ok(None)
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
        let entry = Entry {
            token: Arc::clone(&verified),
            issuer,
            key,
            until,
        };
        self.verified.keep(token, entry);
        verified
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
        let no_key = |error| IssuersError::NoKey(name.clone(), error);
        let configured = |keys| KeySource::Configured(Arc::new(keys));
        let keys = match (config.jwks, config.jwks_uri, config.pem) {
            (Some(jwks), None, None) => KeySet::of_jwks(&jwks, allowed)
                .map(configured)
                .map_err(no_key)?,
            (None, None, Some(pem)) => KeySet::of_pem(&pem, allowed)
                .map(configured)
                .map_err(no_key)?,
            (None, Some(url), None) => RemoteKeys::at(&url, allowed)
                .map(|keys| KeySource::Remote(Arc::new(keys)))
                .map_err(|error| IssuersError::KeyUrl(name.clone(), error))?,
            _ => return Err(IssuersError::KeySource(name)),
        };
        Ok(Self {
            name,
            audiences: config.audiences,
            keys,
        })
    }

    /// The keys that hold now.
    async fn keys(&self, host: &impl KeyHost) -> Result<Arc<KeySet>, KeysUnavailable> {
        match &self.keys {
            KeySource::Configured(keys) => Ok(Arc::clone(keys)),
            KeySource::Remote(keys) => keys.current(host).await,
        }
    }

    /// Keys of which one may have signed the token, fetched anew if none of the known may have.
    async fn keys_for(
        &self,
        hints: &Hints,
        host: &impl KeyHost,
    ) -> Result<Arc<KeySet>, KeysUnavailable> {
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

    fn options(&self) -> VerificationOptions {
        VerificationOptions {
            allowed_issuers: Some(HashSet::from([self.name.clone()])),
            allowed_audiences: self.audiences.clone(),
            time_tolerance: Some(Duration::from_secs(LEEWAY_SECONDS)),
            ..VerificationOptions::default()
        }
    }

    /// What it may not share with an issuer of the other kind. (What a URL serves is not known
    /// yet, so that the URL itself counts.)
    fn marks(&self) -> Vec<String> {
        let mut marks = vec![format!("name {}", self.name)];
        match &self.keys {
            KeySource::Configured(keys) => {
                marks.extend(keys.fingerprints().map(|key| format!("{key:?}")));
            }
            KeySource::Remote(keys) => marks.push(format!("url {}", keys.url())),
        }
        marks
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
