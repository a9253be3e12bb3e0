//! Sets of keys (RFC 7517, section 5).

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    algorithm::Algorithm,
    json_error::JsonError,
    key::{Fingerprint, KeyMatch, UnusableKey, VerificationKey, bare_pem},
    token::KeyHint,
};

/// The number of keys that are read at most.
const MAX_KEYS: usize = 64;

/// The number of keys that a token is tried with at most. It bounds the work that a token causes.
const MAX_CANDIDATES: usize = 4;

/// The usable keys of an issuer. The set is empty if the issuer has withdrawn all of them.
#[derive(Debug)]
pub(super) struct KeySet(Vec<VerificationKey>);

/// The result of reading a set: the usable keys, and why the others are unusable.
#[derive(Debug)]
pub(super) struct ReadKeys {
    usable: KeySet,
    unusable: Vec<String>,
}

/// No key is usable. The reason names keys by their index and quotes nothing of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no usable key ({0})")]
pub struct NoUsableKey(String);

/// A JSON Web Key Set, of which no key has been read.
#[derive(Debug, Deserialize)]
pub(super) struct Jwks {
    keys: Vec<Value>,
}

impl Jwks {
    /// Parses a set. The error says where, and quotes nothing of the JSON.
    pub(super) fn of_json(json: &[u8]) -> Result<Self, JsonError> {
        serde_json::from_slice(json).map_err(JsonError::from)
    }

    /// Reads the keys. Unusable ones are ignored: a set may have keys for other purposes.
    pub(super) fn read(&self, allowed: Option<&[Algorithm]>) -> ReadKeys {
        let not_an_object = Map::new();
        let keys = self.keys.iter().take(MAX_KEYS).map(|key| {
            let members = key.as_object().unwrap_or(&not_an_object);
            VerificationKey::read(members, allowed)
        });
        ReadKeys::of(keys)
    }

    /// Returns the fingerprints of all keys, usable or not.
    pub(super) fn fingerprints(&self) -> impl Iterator<Item = Fingerprint> {
        let keys = self.keys.iter().take(MAX_KEYS);
        keys.filter_map(|key| Fingerprint::of_any_key(key.as_object()?))
    }
}

/// Reads the key in a PEM text.
pub(super) fn read_pem(pem: &str, allowed: Option<&[Algorithm]>) -> ReadKeys {
    ReadKeys::of([VerificationKey::of_bare_pem(pem, allowed)])
}

/// Returns the fingerprint of the key in a PEM text, usable or not.
pub(super) fn pem_fingerprint(pem: &str) -> Option<Fingerprint> {
    Fingerprint::of_any_key(&bare_pem(pem))
}

impl ReadKeys {
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

    /// Returns the usable keys, of which there must be one.
    pub(super) fn at_least_one(self) -> Result<KeySet, NoUsableKey> {
        match self.no_usable_key() {
            Some(error) => Err(error),
            None => Ok(self.usable),
        }
    }

    /// Returns the usable keys, of which there may be none.
    pub(super) fn any_number(self) -> KeySet {
        self.usable
    }

    /// Returns why no key is usable; None if one is.
    pub(super) fn no_usable_key(&self) -> Option<NoUsableKey> {
        if !self.usable.0.is_empty() {
            return None;
        }
        let mut reasons = self.unusable.clone();
        reasons.push("no other keys".to_owned());
        Some(NoUsableKey(reasons.join("; ")))
    }
}

impl KeySet {
    /// Returns the keys to verify a token with: at most [`MAX_CANDIDATES`], those that the token
    /// names first.
    pub(super) fn candidates<'a>(
        &'a self,
        hint: &'a KeyHint,
    ) -> impl Iterator<Item = &'a VerificationKey> {
        let with_match = move |wanted| {
            let keys = self.0.iter();
            keys.filter(move |key| key.match_with(hint) == Some(wanted))
        };
        let by_id = with_match(KeyMatch::ById);
        by_id
            .chain(with_match(KeyMatch::Possible))
            .take(MAX_CANDIDATES)
    }

    /// Returns whether any key can have signed a token.
    pub(super) fn has_candidates(&self, hint: &KeyHint) -> bool {
        self.candidates(hint).next().is_some()
    }

    /// Returns whether a key is in the set.
    pub(super) fn has(&self, key: Fingerprint) -> bool {
        self.fingerprints().any(|other| other == key)
    }

    /// Returns the fingerprints of the keys.
    pub(super) fn fingerprints(&self) -> impl Iterator<Item = Fingerprint> {
        self.0.iter().map(VerificationKey::fingerprint)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::json;
    use test_issuer::{Algorithm as SignedBy, SigningKey};

    use super::*;
    use Algorithm::{EdDsa, Ps256, Rs256};

    fn read(keys: Value, allowed: Option<&[Algorithm]>) -> KeySet {
        Jwks::of_json(json!({ "keys": keys }).to_string().as_bytes())
            .unwrap()
            .read(allowed)
            .any_number()
    }

    fn hint(algorithm: Algorithm, key_id: Option<&str>) -> KeyHint {
        KeyHint {
            algorithm,
            key_id: key_id.map(str::to_owned),
        }
    }

    fn verifies(set: &KeySet, algorithm: Algorithm) -> bool {
        set.has_candidates(&hint(algorithm, None))
    }

    /// A public RSA key, as generating one takes seconds in a debug build.
    const RSA_PEM: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAzCQyp0TN6QUi132Zd1n5
3HjuA2ojqmQmOgabTO5gfbx5iuH1XXoOfwTwaqZ2NPSvqe+3b9VQgQ3L5mT2eyxo
8xNiGdoNmdZwpiFimfRBp48Yw1ixOwtSWiCcdhLNHQRpstIzYup6PagFopOFLaH7
RQ6kZ1yJt6/2nVLlLzyUNwozsiyAm1k7sgT0AaNaEThK/Qp1hRBwa6wRrqyQWnD1
oyyqrFvaByzcNaWgFhejoYWwutaV4rWFmGcg4HljzG4AduBdEAWUH3WKoLBNdc39
ej7baRkgOy67XptLXYYmL8yFYLqTrl7bQSAvl4VnVcqxpCB+LFncjaem5WYsYFAG
rwIDAQAB
-----END PUBLIC KEY-----";
    /// The modulus of [`RSA_PEM`].
    const RSA_MODULUS: &str = "zCQyp0TN6QUi132Zd1n53HjuA2ojqmQmOgabTO5gfbx5iuH1XXoOfwTwaqZ2NPSvqe-\
        3b9VQgQ3L5mT2eyxo8xNiGdoNmdZwpiFimfRBp48Yw1ixOwtSWiCcdhLNHQRpstIzYup6PagFopOFLaH7RQ6kZ1yJt\
        6_2nVLlLzyUNwozsiyAm1k7sgT0AaNaEThK_Qp1hRBwa6wRrqyQWnD1oyyqrFvaByzcNaWgFhejoYWwutaV4rWFmGcg\
        4HljzG4AduBdEAWUH3WKoLBNdc39ej7baRkgOy67XptLXYYmL8yFYLqTrl7bQSAvl4VnVcqxpCB-LFncjaem5WYsYFA\
        Grw";

    fn rsa_jwk() -> Value {
        json!({ "kty": "RSA", "n": RSA_MODULUS, "e": "AQAB" })
    }

    #[test]
    fn rsa_key_without_alg_is_used_for_rs256_only() {
        let with = |alg: &str| {
            let mut jwk = rsa_jwk();
            jwk["alg"] = alg.into();
            jwk
        };
        let both = &[Rs256, Ps256][..];
        for (key, allowed, rs256, ps256) in [
            (rsa_jwk(), None, true, false),
            (rsa_jwk(), Some(both), true, false),
            (rsa_jwk(), Some(&[Ps256][..]), false, false),
            (with("RS256"), None, true, false),
            (with("PS256"), None, false, true),
            (with("PS256"), Some(both), false, true),
            (with("PS256"), Some(&[Rs256][..]), false, false),
            (with("ES256"), None, false, false),
            (json!({ "pem": RSA_PEM }), None, true, false),
            (json!({ "pem": RSA_PEM, "alg": "PS256" }), None, false, true),
        ] {
            let set = read(json!([key]), allowed);
            let verified = (verifies(&set, Rs256), verifies(&set, Ps256));
            assert_eq!(verified, (rs256, ps256), "{:?} {allowed:?}", key["alg"]);
        }
        for (allowed, rs256, ps256) in [
            (None, true, false),
            (Some(both), true, true),
            (Some(&[Ps256][..]), false, true),
        ] {
            let set = read_pem(RSA_PEM, allowed).any_number();
            let verified = (verifies(&set, Rs256), verifies(&set, Ps256));
            assert_eq!(verified, (rs256, ps256), "PEM {allowed:?}");
        }
    }

    #[test]
    fn candidates_begin_with_the_keys_that_the_token_names() {
        let keys: Vec<_> = (0..6)
            .map(|_| SigningKey::generate(SignedBy::EdDsa).unwrap())
            .collect();
        let mut jwks: Vec<_> = keys.iter().map(SigningKey::public_jwk).collect();
        for jwk in &mut jwks[..5] {
            jwk.as_object_mut().unwrap().remove("kid");
        }
        let set = read(json!(jwks), None);
        let hint = hint(EdDsa, Some(keys[5].id()));
        let candidates: Vec<_> = set.candidates(&hint).collect();
        assert_eq!(candidates.len(), MAX_CANDIDATES);
        let named = Fingerprint::of_any_key(jwks[5].as_object().unwrap());
        assert_eq!(Some(candidates[0].fingerprint()), named);
    }

    #[test]
    fn fingerprint_does_not_depend_on_how_the_key_is_written() {
        let fingerprint = |key: &Value| Fingerprint::of_any_key(key.as_object().unwrap());
        let mut known = HashSet::new();
        let mut keys = vec![(rsa_jwk(), RSA_PEM.to_owned())];
        for algorithm in [SignedBy::Es256, SignedBy::EdDsa, SignedBy::EdDsa] {
            let key = SigningKey::generate(algorithm).unwrap();
            keys.push((key.public_jwk(), key.public_pem().unwrap()));
        }
        for (jwk, pem) in &keys {
            let expected = fingerprint(jwk);
            assert!(known.insert(expected.unwrap()), "{jwk}");
            assert_eq!(fingerprint(&json!({ "pem": pem })), expected, "{jwk}");
            let mut other_use = jwk.clone();
            other_use["use"] = "enc".into();
            other_use["kid"] = "x".into();
            assert_eq!(fingerprint(&other_use), expected, "{jwk}");
        }
        // With the sign byte that Java's `BigInteger` writes.
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
