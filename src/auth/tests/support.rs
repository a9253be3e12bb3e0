//! Instances, keys and tokens.

use serde_json::{Value, json};
use test_issuer::{Algorithm, Claims, SigningKey};

use super::fake_key_host::FakeKeyHost;
use crate::auth::{Issuers, Rejection, RejectionReason, Seal, UnverifiedToken, read_issuers};

/// An instance of the component: both lists of issuers.
pub(super) struct Instance {
    pub(super) bearer: Issuers,
    pub(super) platform: Issuers,
}

impl Instance {
    pub(super) fn new(bearer: &Value, platform: &Value) -> Self {
        Self::with_seal(bearer, platform, Seal::default())
    }

    pub(super) fn with_seal(bearer: &Value, platform: &Value, seal: Seal) -> Self {
        let (bearer, platform) = read_issuers(&bearer.to_string(), &platform.to_string(), seal);
        Self {
            bearer: bearer.unwrap(),
            platform: platform.unwrap(),
        }
    }
}

/// Verifies a token.
pub(super) fn verify(
    issuers: &Issuers,
    token: &str,
    host: &FakeKeyHost,
) -> Result<(), RejectionReason> {
    verify_or_reject(issuers, token, host).map_err(|rejection| rejection.reason)
}

/// Verifies a token. The error names the issuer.
pub(super) fn verify_or_reject(
    issuers: &Issuers,
    token: &str,
    host: &FakeKeyHost,
) -> Result<(), Rejection> {
    let token = UnverifiedToken::new(token).unwrap();
    host.run(issuers.verify(token, host)).map(|_| ())
}

/// Generates a key.
pub(super) fn key() -> SigningKey {
    SigningKey::generate(Algorithm::EdDsa).unwrap()
}

/// Returns a JSON Web Key Set of these keys.
pub(super) fn set_of<'a>(keys: impl IntoIterator<Item = &'a SigningKey>) -> Value {
    let keys: Vec<_> = keys.into_iter().map(SigningKey::public_jwk).collect();
    json!({ "keys": keys })
}

/// Issues a valid token that differs from all others.
pub(super) fn token(issuer: &str, key: &SigningKey) -> String {
    let claims = Claims::of(issuer).with("jti", uuid::Uuid::new_v4().to_string());
    key.token(&claims).unwrap()
}
