//! Tokens, before and after their verification.

use jwt_simple::{prelude::*, token::Token};
use serde_json::Value;

use super::{algorithm::Algorithm, claims::Claims};
use crate::{order::Creator, timestamp::Timestamp};

/// Longer tokens are not read.
const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// How far the clocks of an issuer and of this host may differ.
pub(super) const LEEWAY_SECONDS: u64 = 10;

/// A JSON Web Token (RFC 7519) that somebody sent: nothing in it is true yet.
///
/// What it says of itself only serves to find the key to verify it with.
#[derive(Clone, Copy)]
pub struct UnverifiedToken<'a> {
    text: &'a str,
}

/// What an unverified token says about who signed it, and how.
pub(super) struct Hints {
    pub(super) issuer: String,
    pub(super) algorithm: Algorithm,
    pub(super) key_id: Option<String>,
}

impl<'a> UnverifiedToken<'a> {
    /// What may be a token, if it is not too long to be one.
    #[must_use]
    pub fn new(text: &'a str) -> Option<Self> {
        (text.len() <= MAX_TOKEN_BYTES).then_some(Self { text })
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// What it says of itself; None if it says that it does not hold (any more), which is true of
    /// it whoever signed it, and spares the verification.
    pub(super) fn hints(&self, now: Timestamp) -> Option<Hints> {
        #[derive(Deserialize)]
        struct Said {
            iss: String,
            exp: Value,
        }
        let header = Token::decode_metadata(self.text).ok()?;
        let algorithm = Algorithm::from_name(header.algorithm())?;
        let payload = self.text.split('.').nth(1)?;
        let payload = Base64UrlSafeNoPadding::decode_to_vec(payload, None).ok()?;
        let Said { iss, exp } = serde_json::from_slice(&payload).ok()?;
        let is_over =
            |exp: u64| exp.saturating_add(LEEWAY_SECONDS) < now.unix_seconds().unsigned_abs();
        if exp.as_u64().is_some_and(is_over) {
            return None;
        }
        Some(Hints {
            issuer: iss,
            algorithm,
            key_id: header.key_id().map(str::to_owned),
        })
    }
}

/// A token whose signature, issuer, audience and times hold.
#[derive(Debug, Clone)]
pub struct VerifiedToken {
    pub(super) issuer: String,
    pub(super) scopes: Vec<String>,
    pub(super) organization: Option<Creator>,
    pub(super) expires_at: Timestamp,
}

impl VerifiedToken {
    /// From claims of a token whose signature was verified; None if it would never expire.
    pub(super) fn of(claims: JWTClaims<Claims>) -> Option<Self> {
        let expires_at = i64::try_from(claims.expires_at?.as_secs()).ok()?;
        Some(Self {
            issuer: claims.issuer?,
            scopes: claims.custom.scopes().map(str::to_owned).collect(),
            organization: claims.custom.creator(),
            expires_at: Timestamp::from_unix_seconds(expires_at)?,
        })
    }

    /// Whether this is its issuer.
    pub(super) fn is_of(&self, issuer: &str) -> bool {
        self.issuer == issuer
    }

    /// Whether one of its scopes is among these; scopes are case-sensitive.
    #[must_use]
    pub fn has_any_scope(&self, wanted: &[String]) -> bool {
        self.scopes.iter().any(|scope| wanted.contains(scope))
    }

    /// The organisation that the token was issued to.
    #[must_use]
    pub fn organization(&self) -> Option<Creator> {
        self.organization.clone()
    }

    /// Its issuer, as a creator.
    #[must_use]
    pub fn issuer(&self) -> Option<Creator> {
        Creator::new(self.issuer.as_str())
    }

    /// When it expires.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}
