//! Verifies bearer tokens with jsonwebtoken.

use std::collections::HashMap;

use anyhow::{Context, Result};
use email_orders::order::Creator;
use http::HeaderValue;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde::Deserialize;

use crate::response::Refusal;

/// Verifies RS256 tokens of the configured issuers.
pub(crate) struct Verifier {
    /// The keys by id.
    keys: HashMap<String, DecodingKey>,
    validation: Validation,
    scopes: Vec<String>,
}

#[derive(Deserialize)]
struct IssuerConfig {
    issuer: String,
    jwks: JwkSet,
}

#[derive(Deserialize)]
struct Claims {
    #[serde(rename = "urn:altinn:scope")]
    scope: String,
    #[serde(rename = "urn:altinn:org")]
    org: String,
}

impl Verifier {
    /// Reads the configuration.
    pub(crate) fn new(issuers: &str, scopes: &str) -> Result<Self> {
        let issuers: Vec<IssuerConfig> =
            serde_json::from_str(issuers).context("the configured issuers")?;
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&issuers.iter().map(|one| &one.issuer).collect::<Vec<_>>());
        validation.leeway = 10;
        validation.validate_nbf = true;
        let mut keys = HashMap::new();
        for jwk in issuers.iter().flat_map(|issuer| &issuer.jwks.keys) {
            if let (Some(id), Ok(key)) = (&jwk.common.key_id, DecodingKey::from_jwk(jwk)) {
                keys.insert(id.clone(), key);
            }
        }
        Ok(Self {
            keys,
            validation,
            scopes: scopes.split_whitespace().map(str::to_owned).collect(),
        })
    }

    /// Returns the creator of a bearer's orders.
    pub(crate) fn creator(&self, authorization: &HeaderValue) -> Result<Creator, Refusal> {
        let claims = self.verify(authorization).ok_or(Refusal::Unauthenticated)?;
        let mut scopes = claims.scope.split(' ');
        if !scopes.any(|scope| self.scopes.iter().any(|wanted| wanted == scope)) {
            return Err(Refusal::Forbidden);
        }
        Creator::new(claims.org).ok_or(Refusal::Forbidden)
    }

    fn verify(&self, authorization: &HeaderValue) -> Option<Claims> {
        let token = authorization.to_str().ok()?.strip_prefix("Bearer ")?;
        let key = self.keys.get(&decode_header(token).ok()?.kid?)?;
        let verified = decode(token, key, &self.validation).ok()?;
        Some(verified.claims)
    }
}
