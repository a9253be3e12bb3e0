//! The public keys that tokens are verified with.

use jwt_simple::{JWTError, prelude::*};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{
    algorithm::{self, Algorithm},
    claims::Claims,
    pem::{self, PemError},
    rejection::RejectionReason,
    token::KeyHint,
};

/// A public key, with the algorithms that it may verify.
#[derive(Debug, Clone)]
pub(super) struct VerificationKey {
    id: Option<String>,
    algorithms: Vec<Algorithm>,
    material: Material,
    fingerprint: Fingerprint,
}

/// A hash of the material of a key. It does not depend on how the key is written.
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
        // serde_json sorts the members of a map by name.
        for (name, value) in material {
            let text = value.as_str().unwrap_or_default();
            add(name.as_bytes());
            match Base64UrlSafeNoPadding::decode_to_vec(text, None) {
                // Some issuers write the sign byte of an RSA modulus (as Java's `BigInteger` does).
                Ok(bytes) if is_rsa && name != "kty" => {
                    let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
                    add(&bytes[zeros..]);
                }
                _ => add(text.as_bytes()),
            }
        }
        Self(hash.finalize().into())
    }

    /// Returns the fingerprint of a JSON Web Key, or of an object with a PEM text in `pem`, also if
    /// the key is unusable; None if a part of the key is missing.
    pub(super) fn of_any_key(key: &Map<String, Value>) -> Option<Self> {
        let (material, _) = material(key).ok()?;
        let is_complete = ["n", "x"].iter().any(|name| material.contains_key(*name))
            && material.values().all(|value| value != "");
        is_complete.then(|| Self::of(&material))
    }

    /// Returns the bytes of the hash.
    pub(super) fn to_bytes(self) -> [u8; 32] {
        self.0
    }

    /// Restores a fingerprint from the bytes of the hash.
    pub(super) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// The members that define a key (RFC 7517), without those about its use.
type Material = Map<String, Value>;

/// Why a key is unusable. The reason quotes nothing of the key.
#[derive(Debug, thiserror::Error)]
pub(super) enum UnusableKey {
    #[error("its use is not sig")]
    Use,
    #[error("its key_ops do not include verify")]
    Operations,
    #[error("its pem {0}")]
    Pem(#[from] PemError),
    #[error("its kty and crv are not of a known kind")]
    Kind,
    #[error("none of the allowed algorithms goes with it")]
    Algorithm,
    #[error("its modulus does not have 2,048 to 4,096 bits")]
    Modulus,
    #[error("it is malformed")]
    Malformed,
}

impl From<jwt_simple::Error> for UnusableKey {
    fn from(error: jwt_simple::Error) -> Self {
        match error.downcast_ref() {
            Some(JWTError::WeakKey | JWTError::UnsupportedRSAModulus) => Self::Modulus,
            _ => Self::Malformed,
        }
    }
}

impl VerificationKey {
    /// Reads a JSON Web Key, or an object with a PEM text in `pem` in its place.
    ///
    /// `use` and `key_ops`, if present, must allow it to verify signatures (RFC 7517, section 4).
    /// Its `alg`, or one of `allowed`, must go with its kind. A key without `alg` is used for the
    /// usual algorithm of its kind only: each key serves one algorithm (RFC 8725, section 3.1).
    pub(super) fn read(
        key: &Map<String, Value>,
        allowed: Option<&[Algorithm]>,
    ) -> Result<Self, UnusableKey> {
        let text = |name: &str| key.get(name).and_then(Value::as_str);
        if key.contains_key("use") && text("use") != Some("sig") {
            return Err(UnusableKey::Use);
        }
        if let Some(operations) = key.get("key_ops") {
            let verify = Value::from("verify");
            if !operations
                .as_array()
                .is_some_and(|all| all.contains(&verify))
            {
                return Err(UnusableKey::Operations);
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

    /// Reads a PEM text. It has no member for an `alg`, so `allowed` may name any algorithm of its
    /// kind.
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

    /// Checks that the material is a key for some algorithm.
    fn check(&self) -> Result<(), UnusableKey> {
        let algorithm = self.algorithms.first().ok_or(UnusableKey::Algorithm)?;
        // Verifies an empty token: jwt-simple parses the key first.
        match self.verify(*algorithm, "", None) {
            Err(VerifyError::Key(error)) => Err(error),
            _ => Ok(()),
        }
    }

    /// Matches this key with the `alg` and `kid` of a token; None if it cannot have signed the
    /// token. A key without an id may have signed any token, and any key a token without `kid`.
    pub(super) fn match_with(&self, hint: &KeyHint) -> Option<KeyMatch> {
        if !self.algorithms.contains(&hint.algorithm) {
            return None;
        }
        match (&self.id, &hint.key_id) {
            (Some(own), Some(wanted)) => (own == wanted).then_some(KeyMatch::ById),
            _ => Some(KeyMatch::Possible),
        }
    }

    /// Returns the hash of the material.
    pub(super) fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Verifies the signature, times, issuer and audience of a token.
    pub(super) fn verify(
        &self,
        algorithm: Algorithm,
        token: &str,
        options: Option<VerificationOptions>,
    ) -> Result<JWTClaims<Claims>, VerifyError> {
        let mut jwk = self.material.clone();
        jwk.insert("alg".to_owned(), json!(algorithm.name()));
        let jwk = Value::Object(jwk).to_string();
        macro_rules! verify_with {
            ($key:ty) => {
                <$key>::from_jwk(&jwk)
                    .map_err(|error| VerifyError::Key(error.into()))?
                    .verify_token(token, options)
                    .map_err(|error| VerifyError::Token(reason(&error)))
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

/// How a key matches a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyMatch {
    /// The token names the id of the key.
    ById,
    /// The token names no id, or the key has none.
    Possible,
}

/// Why a key does not verify a token.
#[derive(Debug)]
pub(super) enum VerifyError {
    /// The key is unusable.
    Key(UnusableKey),
    /// The token is not valid.
    Token(RejectionReason),
}

/// Translates an error of jwt-simple's verification.
fn reason(error: &jwt_simple::Error) -> RejectionReason {
    match error.downcast_ref() {
        Some(JWTError::InvalidSignature) => RejectionReason::BadSignature,
        Some(JWTError::TokenHasExpired) => RejectionReason::Expired,
        Some(JWTError::TokenNotValidYet | JWTError::ClockDrift) => RejectionReason::NotYetValid,
        Some(JWTError::RequiredAudienceMissing | JWTError::RequiredAudienceMismatch) => {
            RejectionReason::WrongAudience
        }
        _ => RejectionReason::Malformed,
    }
}

/// Returns an object that has a PEM text in `pem`.
pub(super) fn bare_pem(pem: &str) -> Map<String, Value> {
    let mut key = Map::new();
    key.insert("pem".to_owned(), pem.into());
    key
}

/// Returns the members that define a key, and the algorithms of its kind, the usual one first.
fn material(key: &Map<String, Value>) -> Result<(Material, &'static [Algorithm]), UnusableKey> {
    match key.get("pem").and_then(Value::as_str) {
        Some(text) => of_kind(pem::jwk(text)?),
        None => of_kind(key.clone()),
    }
}

/// Returns the members that define a JSON Web Key, and the algorithms of its kind.
fn of_kind(mut key: Map<String, Value>) -> Result<(Material, &'static [Algorithm]), UnusableKey> {
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    let (members, algorithms): (&[&str], _) = match (text("kty"), text("crv")) {
        (Some("RSA"), _) => (&["kty", "n", "e"], algorithm::RSA),
        (Some("EC"), Some("P-256")) => (&["kty", "crv", "x", "y"], algorithm::P256),
        (Some("OKP"), Some("Ed25519")) => (&["kty", "crv", "x"], algorithm::ED25519),
        _ => return Err(UnusableKey::Kind),
    };
    key.retain(|name, _| members.contains(&name.as_str()));
    Ok((key, algorithms))
}
