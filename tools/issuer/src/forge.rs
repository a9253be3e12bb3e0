//! Forges tokens, which no service may accept.
//!
//! Tokens that are wrong in another way than by their signature (expired, with an unknown key, without
//! a `kid`) are made with [`Claims`] and [`Header`].

use serde_json::Value;

use crate::{Claims, Header, IssuerError, SigningKey, jws};

/// Returns an unsecured token: `alg` is `none`, and the signature is empty (RFC 7519 section 6).
#[must_use]
pub fn unsigned(claims: &Claims) -> String {
    format!("{}.", Header::named("none").signing_input(claims))
}

/// Returns a token with one bit of its signature flipped.
pub fn bad_signature(key: &SigningKey, claims: &Claims) -> Result<String, IssuerError> {
    let token = key.token(claims)?;
    let (input, signature) = token.rsplit_once('.').unwrap_or((&token, ""));
    let mut signature = jws::decode(signature).unwrap_or_default();
    if let Some(byte) = signature.last_mut() {
        *byte ^= 1;
    }
    Ok(format!("{input}.{}", jws::encode(signature)))
}

/// Returns a token with other claims than its signature covers.
pub fn swapped_claims(
    key: &SigningKey,
    signed: &Claims,
    shown: &Claims,
) -> Result<String, IssuerError> {
    let token = key.token(signed)?;
    let signature = token.rsplit('.').next().unwrap_or_default();
    let input = Header::of(key).signing_input(shown);
    Ok(format!("{input}.{signature}"))
}

/// Returns a token that names one key and is signed with another of the same algorithm.
pub fn wrong_key(
    named: &SigningKey,
    signer: &SigningKey,
    claims: &Claims,
) -> Result<String, IssuerError> {
    signer.token_with(&Header::of(named), claims)
}

/// Returns a token that is signed with HS256 and the public key's PEM as the secret, which deceives a
/// verifier that takes the algorithm from the token (RFC 8725 section 2.1).
pub fn hmac_with_public_key(key: &SigningKey, claims: &Claims) -> Result<String, IssuerError> {
    let header = Header::named("HS256").with("kid", key.id());
    let input = header.signing_input(claims);
    let mac = hmac_sha256::HMAC::mac(&input, key.public_pem()?);
    Ok(format!("{input}.{}", jws::encode(mac)))
}

/// Returns a token with its own public key in the header's `jwk`.
pub fn embedded_key(attacker: &SigningKey, claims: &Claims) -> Result<String, IssuerError> {
    let header = Header::of(attacker).with("jwk", attacker.public_jwk());
    attacker.token_with(&header, claims)
}

/// Returns a token with the URL of its public key in the header's `jku`.
pub fn key_by_url(
    attacker: &SigningKey,
    url: impl Into<Value>,
    claims: &Claims,
) -> Result<String, IssuerError> {
    attacker.token_with(&Header::of(attacker).with("jku", url), claims)
}
