//! The decision: what a request's credentials allow.

use std::sync::Arc;

use super::{
    credentials::{Credentials, Presented},
    host::KeyHost,
    issuer::IssuerUnavailable,
    issuers::Issuers,
    token::{UnverifiedToken, VerifiedToken},
};
use crate::order::Creator;

/// The right to place and follow orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant(Option<Creator>);

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// No credential was presented.
    #[error("no credential was presented")]
    Missing,
    /// What was presented does not hold.
    #[error("the credential is not valid")]
    Invalid,
    /// A bearer that holds has none of the required scopes.
    #[error("the token has none of the required scopes")]
    InsufficientScope,
    /// The issuer cannot be used now, so that nothing can be said of its token.
    #[error("the issuer cannot be used now")]
    IssuerUnavailable,
    /// A bearer that holds and has a scope names no organisation.
    #[error("the token names no organisation")]
    NoOrganization,
}

impl Grant {
    /// Returns the creator of the orders. It is asked for last: a request that is wrong in itself is
    /// told so.
    pub fn creator(self) -> Result<Creator, AuthError> {
        self.0.ok_or(AuthError::NoOrganization)
    }
}

async fn verify(
    credential: &Presented<'_>,
    issuers: &Issuers,
    host: &impl KeyHost,
) -> Result<Option<Arc<VerifiedToken>>, IssuerUnavailable> {
    match credential {
        Presented::Text(text) => match UnverifiedToken::new(text) {
            Some(token) => issuers.verify(token, host).await,
            None => Ok(None),
        },
        Presented::Nothing | Presented::Unusable => Ok(None),
    }
}

/// Decides what the credentials allow. A platform token that verifies decides the creator, also
/// beside a bearer; one that does not verify counts for nothing.
///
/// That an issuer cannot be used now is no fault of its token: the decision is then unavailable,
/// unless a platform token that verifies makes it.
pub async fn authorize(
    credentials: &Credentials<'_>,
    bearer_issuers: &Issuers,
    platform_issuers: &Issuers,
    required_scopes: &[String],
    host: &impl KeyHost,
) -> Result<Grant, AuthError> {
    let platform = verify(&credentials.platform, platform_issuers, host).await;
    if let Ok(Some(token)) = &platform {
        return Ok(Grant(token.issuer()));
    }
    let bearer = verify(&credentials.bearer, bearer_issuers, host).await;
    let (Ok(_), Ok(bearer)) = (platform, bearer) else {
        return Err(AuthError::IssuerUnavailable);
    };
    match bearer {
        Some(token) if token.has_any_scope(required_scopes) => Ok(Grant(token.organization())),
        Some(_) => Err(AuthError::InsufficientScope),
        None if credentials.any() => Err(AuthError::Invalid),
        None => Err(AuthError::Missing),
    }
}
