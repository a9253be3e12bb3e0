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

/// A hash of a key's material.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Fingerprint([u8; 32]);

impl Fingerprint {
    fn of(material: &Material) -> Self {
        // A map's members are sorted by their names.
        let mut hash = Sha256::new();
        for (name, value) in material {
            hash.update(name);
            hash.update(value.as_str().unwrap_or_default());
            hash.update([0]);
        }
        Self(hash.finalize().into())
    }

    /// Its bytes.
    pub(super) fn to_bytes(self) -> [u8; 32] {
        self.0
    }

    /// The fingerprint of these bytes.
    pub(super) fn from_bytes(bytes: [u8; 32]) -> Self {
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
    /// section 4), and its `alg`, or one of `allowed`, must go with its kind.
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
        let (material, algorithms) = match text("pem") {
            Some(text) => {
                let jwk = pem::jwk(text).map_err(|error| unusable(format!("its pem {error}")))?;
                of_kind(jwk)?
            }
            None => of_kind(key.clone())?,
        };
        let mut algorithms = algorithms.to_vec();
        if key.contains_key("alg") {
            let named = text("alg").and_then(Algorithm::from_name);
            algorithms.retain(|algorithm| Some(*algorithm) == named);
        }
        if let Some(allowed) = allowed {
            algorithms.retain(|algorithm| allowed.contains(algorithm));
        }
        let key = Self {
            id: text("kid").map(str::to_owned),
            algorithms,
            fingerprint: Fingerprint::of(&material),
            material,
        };
        key.check()?;
        Ok(key)
    }

    /// A PEM text that stands alone.
    pub(super) fn of_bare_pem(
        pem: &str,
        allowed: Option<&[Algorithm]>,
    ) -> Result<Self, UnusableKey> {
        let mut key = Map::new();
        key.insert("pem".to_owned(), pem.into());
        Self::read(&key, allowed)
    }

    /// Whether the material really is a key for some algorithm.
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

    /// Whether this key may have signed a token with this `alg` and `kid`.
    ///
    /// A key without an id may have signed any token; a token without one may be any key's.
    pub(super) fn fits(&self, algorithm: Algorithm, id: Option<&str>) -> bool {
        self.algorithms.contains(&algorithm)
            && (self.id.is_none() || id.is_none() || self.id.as_deref() == id)
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

/// The members that make a key, and what a key of its kind can do.
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
