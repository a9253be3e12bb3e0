//! The decision: what a request's credentials allow.

use super::{
    credentials::{Credentials, Presented},
    issuer::Issuers,
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
    /// A bearer that holds and has a scope names no organisation.
    #[error("the token names no organisation")]
    NoOrganization,
}

impl Grant {
    /// Whose orders they are. It is asked for last: a request that is wrong in itself is told so.
    pub fn creator(self) -> Result<Creator, AuthError> {
        self.0.ok_or(AuthError::NoOrganization)
    }
}

/// Decides. A platform token that verifies decides the creator, also beside a bearer; one that
/// does not counts for nothing.
pub fn authorize(
    credentials: &Credentials<'_>,
    bearer_issuers: &Issuers,
    platform_issuers: &Issuers,
    required_scopes: &[String],
) -> Result<Grant, AuthError> {
    if let Presented::Token(token) = credentials.platform
        && let Some(token) = platform_issuers.verify(token)
    {
        return Ok(Grant(token.issuer()));
    }
    let bearer = match credentials.bearer {
        Presented::Token(token) => bearer_issuers.verify(token),
        Presented::Nothing | Presented::Unusable => None,
    };
    match bearer {
        Some(token) if token.has_any_scope(required_scopes) => Ok(Grant(token.organization())),
        Some(_) => Err(AuthError::InsufficientScope),
        None if credentials.any() => Err(AuthError::Invalid),
        None => Err(AuthError::Missing),
    }
}
