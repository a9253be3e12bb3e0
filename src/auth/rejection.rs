//! Why a credential was rejected: for the log, never for the client.

use std::sync::Arc;

/// Why a credential was rejected. No text in it comes from the credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The issuer, as the configuration spells it; None if the credential names no configured one.
    pub issuer: Option<Arc<str>>,
    /// The reason.
    pub reason: RejectionReason,
}

/// The reason of a [`Rejection`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RejectionReason {
    /// The header occurs more than once, or is not text.
    #[error("not exactly one header line of text")]
    UnusableHeader,
    /// Longer than any token that is read.
    #[error("too long")]
    TooLong,
    /// Not a JSON Web Token with the members that it must have.
    #[error("malformed")]
    Malformed,
    /// Its `typ` is not that of an access token, or it has `crit`.
    #[error("typ or crit not accepted")]
    HeaderNotAccepted,
    /// Its `alg` is not supported.
    #[error("unsupported algorithm")]
    UnsupportedAlgorithm,
    /// Its `iss` is not configured. The log does not name it: it is the client's text.
    #[error("unknown issuer")]
    UnknownIssuer,
    /// None of the issuer's keys can have signed it.
    #[error("unknown key")]
    UnknownKey,
    /// The signature does not match.
    #[error("bad signature")]
    BadSignature,
    /// It has no `exp`.
    #[error("no expiry")]
    NoExpiry,
    /// Its `exp` has passed.
    #[error("expired")]
    Expired,
    /// Its `nbf` or `iat` is in the future.
    #[error("not yet valid")]
    NotYetValid,
    /// Its `aud` is not configured for the issuer.
    #[error("wrong audience")]
    WrongAudience,
    /// It has none of the required scopes.
    #[error("missing scope")]
    MissingScope,
    /// It names no organisation.
    #[error("no organisation")]
    NoOrganization,
    /// The configuration of the issuer cannot be used.
    #[error("issuer misconfigured")]
    IssuerMisconfigured,
    /// Another issuer has the same key.
    #[error("key shared with another issuer")]
    SharedKey,
    /// The keys of the issuer cannot be fetched, and the old ones are too old.
    #[error("keys unavailable")]
    KeysUnavailable,
}

impl RejectionReason {
    /// Returns whether the issuer cannot be used now, so that the token may nonetheless be valid.
    pub(super) fn is_unavailable(self) -> bool {
        matches!(
            self,
            Self::IssuerMisconfigured | Self::SharedKey | Self::KeysUnavailable
        )
    }

    /// Returns the rejection of a token of a configured issuer.
    pub(super) fn of_issuer(self, issuer: &Arc<str>) -> Rejection {
        Rejection {
            issuer: Some(Arc::clone(issuer)),
            reason: self,
        }
    }
}

impl From<RejectionReason> for Rejection {
    fn from(reason: RejectionReason) -> Self {
        Self {
            issuer: None,
            reason,
        }
    }
}
