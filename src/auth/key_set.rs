//! Sets of keys (RFC 7517, section 5).

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    algorithm::Algorithm,
    key::{Fingerprint, Fit, UnusableKey, VerificationKey, bare_pem},
};

/// More keys than this are not read.
const MAX_KEYS: usize = 64;

/// With more keys than this a token is not verified: it bounds the work that one token causes.
const MAX_TRIED: usize = 4;

/// The usable keys of an issuer. It is empty where the issuer has withdrawn all of them.
#[derive(Debug)]
pub(super) struct KeySet(Vec<VerificationKey>);

/// A set as it was read: the usable keys, and why the others are not.
#[derive(Debug)]
pub(super) struct ReadSet {
    usable: KeySet,
    unusable: Vec<String>,
}

/// None of the keys can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no usable key ({0})")]
pub struct NoUsableKey(String);

/// A JSON Web Key Set, unread.
#[derive(Debug, Deserialize)]
pub(super) struct Jwks {
    keys: Vec<Value>,
}

impl Jwks {
    /// Reads a set as its issuer serves it.
    pub(super) fn of_json(json: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(json)
    }

    /// Reads the keys. Unusable ones do no harm: a set may hold keys for other purposes.
    pub(super) fn read(&self, allowed: Option<&[Algorithm]>) -> ReadSet {
        let not_an_object = Map::new();
        let keys = self.keys.iter().take(MAX_KEYS).map(|key| {
            let members = key.as_object().unwrap_or(&not_an_object);
            VerificationKey::read(members, allowed)
        });
        ReadSet::of(keys)
    }

    /// Returns the fingerprints of all its keys, usable or not.
    pub(super) fn fingerprints(&self) -> impl Iterator<Item = Fingerprint> {
        let keys = self.keys.iter().take(MAX_KEYS);
        keys.filter_map(|key| Fingerprint::of_any_key(key.as_object()?))
    }
}

/// Reads the key in a PEM text.
pub(super) fn read_pem(pem: &str, allowed: Option<&[Algorithm]>) -> ReadSet {
    ReadSet::of([VerificationKey::of_bare_pem(pem, allowed)])
}

/// Returns the fingerprint of the key in a PEM text, usable or not.
pub(super) fn pem_fingerprint(pem: &str) -> Option<Fingerprint> {
    Fingerprint::of_any_key(&bare_pem(pem))
}

impl ReadSet {
    fn of(read: impl IntoIterator<Item = Result<VerificationKey, UnusableKey>>) -> Self {
        let mut keys = Vec::new();
        let mut unusable = Vec::new();
        for (index, key) in read.into_iter().enumerate() {
            match key {
                Ok(key) => keys.push(key),
                Err(error) => unusable.push(format!("key {index}: {error}")),
            }
        }
        Self {
            usable: KeySet(keys),
            unusable,
        }
    }

    /// Returns the usable keys, if there are any.
    pub(super) fn some(self) -> Result<KeySet, NoUsableKey> {
        match self.none_usable() {
            Some(error) => Err(error),
            None => Ok(self.usable),
        }
    }

    /// Returns the usable keys, even if there are none.
    pub(super) fn any(self) -> KeySet {
        self.usable
    }

    /// Says why there is no usable key, if there is none.
    pub(super) fn none_usable(&self) -> Option<NoUsableKey> {
        if !self.usable.0.is_empty() {
            return None;
        }
        let mut reasons = self.unusable.clone();
        reasons.push("the set has no other".to_owned());
        Some(NoUsableKey(reasons.join("; ")))
    }
}

impl KeySet {
    /// Returns the keys to verify a token of this `alg` and `kid` with: first those that it names,
    /// and no more than [`MAX_TRIED`].
    pub(super) fn candidates<'a>(
        &'a self,
        algorithm: Algorithm,
        id: Option<&'a str>,
    ) -> impl Iterator<Item = &'a VerificationKey> {
        let that_fit = move |fit| {
            let keys = self.0.iter();
            keys.filter(move |key| key.fit(algorithm, id) == Some(fit))
        };
        let named = that_fit(Fit::Named);
        named.chain(that_fit(Fit::Possible)).take(MAX_TRIED)
    }

    /// Tells whether a key is in the set.
    pub(super) fn has(&self, key: Fingerprint) -> bool {
        self.fingerprints().any(|other| other == key)
    }

    /// Returns the fingerprints of its keys.
    pub(super) fn fingerprints(&self) -> impl Iterator<Item = Fingerprint> {
        self.0.iter().map(VerificationKey::fingerprint)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_issuer::{Algorithm as SignedBy, SigningKey};

    use super::*;
    use Algorithm::{EdDsa, Ps256, Rs256};

    fn read(keys: Value, allowed: Option<&[Algorithm]>) -> KeySet {
        Jwks::of_json(json!({ "keys": keys }).to_string().as_bytes())
            .unwrap()
            .read(allowed)
            .any()
    }

    fn verifies(set: &KeySet, algorithm: Algorithm) -> bool {
        set.candidates(algorithm, None).next().is_some()
    }

    #[test]
    fn an_rsa_key_without_an_algorithm_is_used_for_rs256_only() {
        let key = SigningKey::generate(SignedBy::Rs256).unwrap();
        let mut jwk = key.public_jwk();
        jwk.as_object_mut().unwrap().remove("alg");
        let with = |alg: &str| {
            let mut jwk = jwk.clone();
            jwk["alg"] = alg.into();
            jwk
        };
        let pem = key.public_pem().unwrap();
        let both = &[Rs256, Ps256][..];
        for (key, allowed, rs256, ps256) in [
            (jwk.clone(), None, true, false),
            (jwk.clone(), Some(both), true, false),
            (jwk.clone(), Some(&[Ps256][..]), false, false),
            (with("RS256"), None, true, false),
            (with("PS256"), None, false, true),
            (with("PS256"), Some(both), false, true),
            (with("PS256"), Some(&[Rs256][..]), false, false),
            (with("ES256"), None, false, false),
            (json!({ "pem": pem }), None, true, false),
            (json!({ "pem": pem, "alg": "PS256" }), None, false, true),
        ] {
            let set = read(json!([key]), allowed);
            let got = (verifies(&set, Rs256), verifies(&set, Ps256));
            assert_eq!(got, (rs256, ps256), "{:?} {allowed:?}", key["alg"]);
        }
        for (allowed, rs256, ps256) in [
            (None, true, false),
            (Some(both), true, true),
            (Some(&[Ps256][..]), false, true),
        ] {
            let set = read_pem(&pem, allowed).any();
            let got = (verifies(&set, Rs256), verifies(&set, Ps256));
            assert_eq!(got, (rs256, ps256), "PEM {allowed:?}");
        }
    }

    #[test]
    fn the_keys_that_a_token_names_come_first() {
        let keys: Vec<_> = (0..6)
            .map(|_| SigningKey::generate(SignedBy::EdDsa).unwrap())
            .collect();
        let mut jwks: Vec<_> = keys.iter().map(SigningKey::public_jwk).collect();
        for jwk in &mut jwks[..5] {
            jwk.as_object_mut().unwrap().remove("kid");
        }
        let set = read(json!(jwks), None);
        let candidates: Vec<_> = set.candidates(EdDsa, Some(keys[5].id())).collect();
        assert_eq!(candidates.len(), MAX_TRIED);
        let named = Fingerprint::of_any_key(jwks[5].as_object().unwrap());
        assert_eq!(Some(candidates[0].fingerprint()), named);
    }

    #[test]
    fn a_key_has_one_fingerprint_however_it_is_written() {
        let fingerprint = |key: &Value| Fingerprint::of_any_key(key.as_object().unwrap());
        for algorithm in SignedBy::ALL {
            let key = SigningKey::generate(algorithm).unwrap();
            let jwk = key.public_jwk();
            let known = fingerprint(&jwk);
            assert!(known.is_some());
            let pem = json!({ "pem": key.public_pem().unwrap() });
            assert_eq!(fingerprint(&pem), known, "{algorithm}");
            let mut other_use = jwk.clone();
            other_use["use"] = "enc".into();
            other_use["kid"] = "x".into();
            assert_eq!(fingerprint(&other_use), known, "{algorithm}");
            let other = SigningKey::generate(algorithm).unwrap();
            assert_ne!(fingerprint(&other.public_jwk()), known, "{algorithm}");
        }
        // As Java's BigInteger writes it: with a byte for the sign.
        let short = json!({ "kty": "RSA", "n": "gAAB", "e": "AQAB" });
        let long = json!({ "kty": "RSA", "n": "AIAAAQ", "e": "AQAB" });
        assert_eq!(fingerprint(&short), fingerprint(&long));
        for part in [
            json!({ "kty": "RSA" }),
            json!({ "kty": "EC", "crv": "P-256" }),
        ] {
            assert_eq!(fingerprint(&part), None, "{part}");
        }
    }
}
