//! The authorization decision.

use std::{fmt, sync::Arc};

use super::{
    credentials::{Credentials, Presented},
    host::KeyHost,
    issuers::Issuers,
    rejection::{Rejection, RejectionReason},
    token::{UnverifiedToken, VerifiedToken},
};
use crate::order::Creator;

/// The right to place and follow orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant(Result<Creator, AuthError>);

/// Why a request is refused. Its text is for the log: a client is told the kind alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthError {
    /// Decides the response.
    pub kind: AuthErrorKind,
    /// Why the bearer token was rejected, if one was presented.
    pub bearer: Option<Rejection>,
    /// Why the platform access token was rejected, if one was presented.
    pub platform: Option<Rejection>,
}

/// The kind of an [`AuthError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthErrorKind {
    /// The request has no credential.
    Missing,
    /// No credential of the request is valid.
    Invalid,
    /// A valid bearer token has none of the required scopes.
    InsufficientScope,
    /// An issuer cannot be used now, so the validity of its token is not known.
    IssuerUnavailable,
    /// A valid token names no organisation.
    NoOrganization,
}

impl AuthError {
    /// Returns the configured name of the issuer whose token was rejected; empty if no credential
    /// names a configured issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        let rejections = [&self.bearer, &self.platform].into_iter().flatten();
        let mut issuers = rejections.filter_map(|rejection| rejection.issuer.as_deref());
        issuers.next().unwrap_or_default()
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (name, rejection) in [
            ("bearer token", &self.bearer),
            ("platform access token", &self.platform),
        ] {
            if let Some(Rejection { reason, .. }) = rejection {
                write!(f, "{separator}{name}: {reason}")?;
                separator = "; ";
            }
        }
        if separator.is_empty() {
            f.write_str("no credential")?;
        }
        Ok(())
    }
}

impl std::error::Error for AuthError {}

impl Grant {
    /// Returns the creator of the orders. Routes ask for it last, so that a request that is invalid
    /// in itself is told so.
    pub fn creator(self) -> Result<Creator, AuthError> {
        self.0
    }
}

/// Verifies a credential; None if none is presented.
async fn verify(
    credential: &Presented<'_>,
    issuers: &Issuers,
    host: &impl KeyHost,
) -> Option<Result<Arc<VerifiedToken>, Rejection>> {
    match credential {
        Presented::Text(text) => match UnverifiedToken::new(text) {
            Some(token) => Some(issuers.verify(token, host).await),
            None => Some(Err(RejectionReason::TooLong.into())),
        },
        Presented::Unusable => Some(Err(RejectionReason::UnusableHeader.into())),
        Presented::Nothing => None,
    }
}

/// Decides what the credentials allow.
///
/// A platform token that verifies decides the creator, also beside a bearer token. One that does
/// not verify is ignored. If an issuer cannot be used now, the decision is unavailable, unless a
/// platform token that verifies makes it: the token may be valid.
pub async fn authorize(
    credentials: &Credentials<'_>,
    bearer_issuers: &Issuers,
    platform_issuers: &Issuers,
    required_scopes: &[String],
    host: &impl KeyHost,
) -> Result<Grant, AuthError> {
    use AuthErrorKind as Kind;
    let platform = match verify(&credentials.platform, platform_issuers, host).await {
        Some(Ok(token)) => {
            let creator = token.issuer_as_creator().ok_or_else(|| AuthError {
                kind: Kind::NoOrganization,
                bearer: None,
                platform: Some(token.rejected(RejectionReason::NoOrganization)),
            });
            return Ok(Grant(creator));
        }
        Some(Err(rejection)) => Some(rejection),
        None => None,
    };
    let platform_is_unavailable = platform
        .as_ref()
        .is_some_and(|rejection| rejection.reason.is_unavailable());
    let refused = |kind, bearer| AuthError {
        kind: if platform_is_unavailable {
            Kind::IssuerUnavailable
        } else {
            kind
        },
        bearer,
        platform,
    };
    match verify(&credentials.bearer, bearer_issuers, host).await {
        Some(Ok(token)) if !token.has_any_scope(required_scopes) => Err(refused(
            Kind::InsufficientScope,
            Some(token.rejected(RejectionReason::MissingScope)),
        )),
        Some(Ok(_)) if platform_is_unavailable => Err(refused(Kind::IssuerUnavailable, None)),
        Some(Ok(token)) => Ok(Grant(token.organization().ok_or_else(|| {
            refused(
                Kind::NoOrganization,
                Some(token.rejected(RejectionReason::NoOrganization)),
            )
        }))),
        Some(Err(rejection)) if rejection.reason.is_unavailable() => {
            Err(refused(Kind::IssuerUnavailable, Some(rejection)))
        }
        Some(Err(rejection)) => Err(refused(Kind::Invalid, Some(rejection))),
        None if credentials.any() => Err(refused(Kind::Invalid, None)),
        None => Err(refused(Kind::Missing, None)),
    }
}
