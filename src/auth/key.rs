//! The public keys that tokens are verified with.

use jwt_simple::prelude::*;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{
    algorithm::{self, Algorithm},
    claims::Claims,
    pem,
};

/// A public key, with the algorithms that it may verify: never more than its kind can.
#[derive(Debug, Clone)]
pub(super) struct VerificationKey {
    id: Option<String>,
    algorithms: Vec<Algorithm>,
    material: Material,
    fingerprint: Fingerprint,
}

/// A hash of a key's material: the same for all ways to write one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Fingerprint([u8; 32]);

impl Fingerprint {
    fn of(material: &Material) -> Self {
        let is_rsa = material.get("kty").is_some_and(|kty| kty == "RSA");
        let mut hash = Sha256::new();
        let mut add = |part: &[u8]| {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        };
        // A map's members are sorted by their names.
        for (name, value) in material {
            let text = value.as_str().unwrap_or_default();
            add(name.as_bytes());
            match Base64UrlSafeNoPadding::decode_to_vec(text, None) {
                // Some issuers write an RSA modulus with a leading zero, and some without.
                Ok(bytes) if is_rsa && name != "kty" => {
                    let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
                    add(&bytes[zeros..]);
                }
                _ => add(text.as_bytes()),
            }
        }
        Self(hash.finalize().into())
    }

    /// Returns the fingerprint of a JSON Web Key, or of an object with a PEM text in `pem`, whether
    /// or not the key can be used otherwise; None if it is not a whole key.
    pub(super) fn of_any_key(key: &Map<String, Value>) -> Option<Self> {
        let (material, _) = material(key).ok()?;
        let is_whole = ["n", "x"].iter().any(|name| material.contains_key(*name))
            && material.values().all(|value| value != "");
        is_whole.then(|| Self::of(&material))
    }

    /// Returns its bytes.
    pub(super) fn to_bytes(self) -> [u8; 32] {
        self.0
    }

    /// Takes the bytes of a fingerprint.
    pub(super) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// The members that make a key (RFC 7517), without those about its use.
type Material = Map<String, Value>;

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct UnusableKey(String);

impl VerificationKey {
    /// Reads a JSON Web Key, or an object with a PEM text in `pem` in its place.
    ///
    /// It must be meant for verifying signatures, so far as it says (`use`, `key_ops`; RFC 7517,
    /// section 4), and its `alg`, or one of `allowed`, must go with its kind. A key without `alg`
    /// verifies with the usual algorithm of its kind only: each key serves one algorithm (RFC 8725,
    /// section 3.1).
    pub(super) fn read(
        key: &Map<String, Value>,
        allowed: Option<&[Algorithm]>,
    ) -> Result<Self, UnusableKey> {
        let text = |name: &str| key.get(name).and_then(Value::as_str);
        if key.contains_key("use") && text("use") != Some("sig") {
            return Err(unusable("its use is not sig"));
        }
        if let Some(operations) = key.get("key_ops") {
            let verify = Value::from("verify");
            if !operations
                .as_array()
                .is_some_and(|all| all.contains(&verify))
            {
                return Err(unusable("its key_ops are without verify"));
            }
        }
        let (material, of_kind) = material(key)?;
        let algorithm = if key.contains_key("alg") {
            let named = text("alg").and_then(Algorithm::from_name);
            named.filter(|algorithm| of_kind.contains(algorithm))
        } else {
            of_kind.first().copied()
        };
        let id = text("kid").map(str::to_owned);
        Self::of(material, algorithm.as_slice(), id, allowed)
    }

    /// Reads a PEM text that stands alone. It has no place for an `alg`, so that `allowed` may name
    /// any algorithm of its kind.
    pub(super) fn of_bare_pem(
        pem: &str,
        allowed: Option<&[Algorithm]>,
    ) -> Result<Self, UnusableKey> {
        let (material, of_kind) = material(&bare_pem(pem))?;
        let algorithms = match allowed {
            Some(_) => of_kind,
            None => of_kind.get(..1).unwrap_or_default(),
        };
        Self::of(material, algorithms, None, allowed)
    }

    fn of(
        material: Material,
        algorithms: &[Algorithm],
        id: Option<String>,
        allowed: Option<&[Algorithm]>,
    ) -> Result<Self, UnusableKey> {
        let mut algorithms = algorithms.to_vec();
        if let Some(allowed) = allowed {
            algorithms.retain(|algorithm| allowed.contains(algorithm));
        }
        let key = Self {
            id,
            algorithms,
            fingerprint: Fingerprint::of(&material),
            material,
        };
        key.check()?;
        Ok(key)
    }

    /// Holds that the material really is a key for some algorithm.
    fn check(&self) -> Result<(), UnusableKey> {
        let Some(algorithm) = self.algorithms.first() else {
            return Err(unusable("none of the allowed algorithms goes with it"));
        };
        // A token of the right algorithm that is no token: all that can be wrong with it before
        // the key's own faults.
        match self.verify(*algorithm, "", None) {
            Err(Failure::Key(error)) => Err(unusable(format!("it is malformed: {error}"))),
            _ => Ok(()),
        }
    }

    /// Tells how well this key fits a token with this `alg` and `kid`; None if it cannot have
    /// signed the token.
    ///
    /// A key without an id may have signed any token; a token without one may be any key's.
    pub(super) fn fit(&self, algorithm: Algorithm, id: Option<&str>) -> Option<Fit> {
        if !self.algorithms.contains(&algorithm) {
            return None;
        }
        match (self.id.as_deref(), id) {
            (Some(own), Some(wanted)) => (own == wanted).then_some(Fit::Named),
            _ => Some(Fit::Possible),
        }
    }

    /// Tells this key from keys of other material.
    pub(super) fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Verifies signature, times, issuer and audience of a token.
    pub(super) fn verify(
        &self,
        algorithm: Algorithm,
        token: &str,
        options: Option<VerificationOptions>,
    ) -> Result<JWTClaims<Claims>, Failure> {
        let mut jwk = self.material.clone();
        jwk.insert("alg".to_owned(), json!(algorithm.name()));
        let jwk = Value::Object(jwk).to_string();
        macro_rules! verify_with {
            ($key:ty) => {
                <$key>::from_jwk(&jwk)
                    .map_err(Failure::Key)?
                    .verify_token(token, options)
                    .map_err(|_| Failure::Token)
            };
        }
        match algorithm {
            Algorithm::Rs256 => verify_with!(RS256PublicKey),
            Algorithm::Ps256 => verify_with!(PS256PublicKey),
            Algorithm::Es256 => verify_with!(ES256PublicKey),
            Algorithm::EdDsa => verify_with!(Ed25519PublicKey),
        }
    }
}

/// How well a key fits a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// The token names the key.
    Named,
    /// Either of them has no id.
    Possible,
}

/// Returns the object that stands for a PEM text alone.
pub(super) fn bare_pem(pem: &str) -> Map<String, Value> {
    let mut key = Map::new();
    key.insert("pem".to_owned(), pem.into());
    key
}

/// Returns the members that make a key, and the algorithms of its kind, the usual one first.
fn material(key: &Map<String, Value>) -> Result<(Material, &'static [Algorithm]), UnusableKey> {
    match key.get("pem").and_then(Value::as_str) {
        Some(text) => {
            let jwk = pem::jwk(text).map_err(|error| unusable(format!("its pem {error}")))?;
            of_kind(jwk)
        }
        None => of_kind(key.clone()),
    }
}

/// Returns the members that make a key, and the algorithms of its kind.
fn of_kind(mut key: Map<String, Value>) -> Result<(Material, &'static [Algorithm]), UnusableKey> {
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    let (members, algorithms): (&[&str], _) = match (text("kty"), text("crv")) {
        (Some("RSA"), _) => (&["kty", "n", "e"], algorithm::RSA),
        (Some("EC"), Some("P-256")) => (&["kty", "crv", "x", "y"], algorithm::P256),
        (Some("OKP"), Some("Ed25519")) => (&["kty", "crv", "x"], algorithm::ED25519),
        _ => return Err(unusable("its kty and crv are not of a known kind")),
    };
    key.retain(|name, _| members.contains(&name.as_str()));
    Ok((key, algorithms))
}

/// Why a token was not verified.
#[derive(Debug)]
pub(super) enum Failure {
    /// The key is none.
    Key(jwt_simple::Error),
    /// The token does not hold.
    Token,
}

fn unusable(why: impl Into<String>) -> UnusableKey {
    UnusableKey(why.into())
}
