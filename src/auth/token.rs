//! Tokens, before and after their verification.

use jwt_simple::prelude::*;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use super::{
    algorithm::Algorithm,
    claims::Claims,
    present::present,
    rejection::{Rejection, RejectionReason},
};
use crate::{order::Creator, timestamp::Timestamp};

/// The size limit of tokens.
const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// The tolerated difference between the clocks of an issuer and of this host, for `exp`, `nbf` and
/// `iat` alike.
pub(super) const LEEWAY_SECONDS: u64 = 10;

/// The accepted values of `typ`, in any case: that of RFC 7519 and that of access tokens (RFC 9068).
/// Any other type is for another purpose (RFC 8725, section 3.11).
const TYPES: [&str; 2] = ["JWT", "at+jwt"];

/// A JSON Web Token (RFC 7519) as a client sent it. No claim in it is verified: its content only
/// serves to find the key to verify it with.
#[derive(Clone, Copy)]
pub struct UnverifiedToken<'a> {
    text: &'a str,
}

/// What an unverified token states about itself.
pub(super) struct Hints {
    pub(super) issuer: String,
    header: Header,
    expires_at: Value,
}

/// The properties of a token that a key must match.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct KeyHint {
    pub(super) algorithm: Algorithm,
    pub(super) key_id: Option<String>,
}

/// The parameters of a token's header (RFC 7515, section 4.1) that the verification needs.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    #[serde(default, deserialize_with = "present")]
    typ: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    crit: Option<IgnoredAny>,
}

impl Header {
    /// Returns whether a token with this header may be verified at all: it is an access token, and
    /// has no `crit`. (`crit` lists extensions that the recipient must understand and is never
    /// empty, RFC 7515, section 4.1.11. This service understands none.)
    fn is_acceptable(&self) -> bool {
        let is_access_token = self.typ.as_ref().is_none_or(|typ| {
            let typ = typ.as_str().unwrap_or_default();
            TYPES.iter().any(|known| known.eq_ignore_ascii_case(typ))
        });
        is_access_token && self.crit.is_none()
    }
}

impl<'a> UnverifiedToken<'a> {
    /// Takes a text that may be a token; None if it is too long.
    #[must_use]
    pub fn new(text: &'a str) -> Option<Self> {
        (text.len() <= MAX_TOKEN_BYTES).then_some(Self { text })
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// Reads what the token states about itself; None if it is malformed.
    pub(super) fn hints(&self) -> Option<Hints> {
        #[derive(Deserialize)]
        struct RegisteredClaims {
            iss: String,
            #[serde(default)]
            exp: Value,
        }
        let mut parts = self.text.split('.');
        let header = decode(parts.next()?)?;
        let RegisteredClaims { iss, exp } = decode(parts.next()?)?;
        Some(Hints {
            issuer: iss,
            header,
            expires_at: exp,
        })
    }
}

impl Hints {
    /// Returns the properties that the key must match. Rejects a token that no signature can make
    /// valid, to save the verification.
    pub(super) fn key_hint(self, now: Timestamp) -> Result<KeyHint, RejectionReason> {
        if !self.header.is_acceptable() {
            return Err(RejectionReason::HeaderNotAccepted);
        }
        if self.expires_at.is_null() {
            return Err(RejectionReason::NoExpiry);
        }
        let has_passed =
            |exp: u64| exp.saturating_add(LEEWAY_SECONDS) < now.unix_seconds().unsigned_abs();
        if self.expires_at.as_u64().is_some_and(has_passed) {
            return Err(RejectionReason::Expired);
        }
        let algorithm = Algorithm::from_name(&self.header.alg);
        Ok(KeyHint {
            algorithm: algorithm.ok_or(RejectionReason::UnsupportedAlgorithm)?,
            key_id: self.header.kid,
        })
    }
}

/// Decodes one part of a token.
fn decode<T: DeserializeOwned>(part: &str) -> Option<T> {
    let json = Base64UrlSafeNoPadding::decode_to_vec(part, None).ok()?;
    serde_json::from_slice(&json).ok()
}

/// A token whose signature, issuer, audience and times are verified.
#[derive(Debug, Clone)]
pub struct VerifiedToken {
    pub(super) issuer: String,
    pub(super) scopes: Vec<String>,
    pub(super) organization: Option<Creator>,
    pub(super) expires_at: Timestamp,
}

impl VerifiedToken {
    /// Takes the claims of a verified token; None if the token never expires.
    pub(super) fn of(claims: JWTClaims<Claims>) -> Option<Self> {
        let expires_at = i64::try_from(claims.expires_at?.as_secs()).ok()?;
        Some(Self {
            issuer: claims.issuer?,
            scopes: claims.custom.scopes().map(str::to_owned).collect(),
            organization: claims.custom.creator(),
            expires_at: Timestamp::from_unix_seconds(expires_at)?,
        })
    }

    /// Returns whether this is the issuer of the token.
    pub(super) fn is_of(&self, issuer: &str) -> bool {
        self.issuer == issuer
    }

    /// Returns whether one of these scopes is among those of the token. Scopes are case-sensitive.
    #[must_use]
    pub fn has_any_scope(&self, wanted: &[String]) -> bool {
        self.scopes.iter().any(|scope| wanted.contains(scope))
    }

    /// Returns the organisation that the token was issued to.
    #[must_use]
    pub fn organization(&self) -> Option<Creator> {
        self.organization.clone()
    }

    /// Returns the issuer as a creator.
    #[must_use]
    pub fn issuer_as_creator(&self) -> Option<Creator> {
        Creator::new(self.issuer.as_str())
    }

    /// Returns the time at which the token expires.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// Returns the rejection of this token.
    pub(super) fn rejected(&self, reason: RejectionReason) -> Rejection {
        Rejection {
            issuer: Some(self.issuer.as_str().into()),
            reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use RejectionReason::{Expired, HeaderNotAccepted, Malformed, NoExpiry, UnsupportedAlgorithm};

    fn key_hint(header: &str, claims: &str) -> Result<KeyHint, RejectionReason> {
        let part = |json: &str| Base64UrlSafeNoPadding::encode_to_string(json).unwrap();
        let token = format!("{}.{}.x", part(header), part(claims));
        let now = Timestamp::from_unix_seconds(1_000_000).unwrap();
        let hints = UnverifiedToken::new(&token).unwrap().hints();
        hints.ok_or(Malformed)?.key_hint(now)
    }

    const CLAIMS: &str = r#"{"iss":"a","exp":1000000}"#;

    #[test]
    fn typ_must_be_absent_or_that_of_an_access_token() {
        for (typ, is_accepted) in [
            ("", true),
            (r#","typ":"JWT""#, true),
            (r#","typ":"jwt""#, true),
            (r#","typ":"at+jwt""#, true),
            (r#","typ":"AT+JWT""#, true),
            (r#","typ":"""#, false),
            (r#","typ":null"#, false),
            (r#","typ":["JWT"]"#, false),
            (r#","typ":"JWT ""#, false),
            (r#","typ":"JOSE""#, false),
            (r#","typ":"dpop+jwt""#, false),
            (r#","typ":"logout+jwt""#, false),
            (r#","typ":"id+jwt""#, false),
            (r#","typ":"application/at+jwt""#, false),
        ] {
            let header = format!(r#"{{"alg":"ES256"{typ}}}"#);
            let hint = key_hint(&header, CLAIMS);
            if is_accepted {
                assert!(hint.is_ok(), "{header}");
            } else {
                assert_eq!(hint, Err(HeaderNotAccepted), "{header}");
            }
        }
    }

    #[test]
    fn any_crit_is_rejected() {
        for crit in ["[]", r#"["exp"]"#, r#"["b64"]"#, "null", "true"] {
            let header = format!(r#"{{"alg":"ES256","crit":{crit}}}"#);
            assert_eq!(key_hint(&header, CLAIMS), Err(HeaderNotAccepted), "{crit}");
        }
    }

    #[test]
    fn alg_and_kid_are_hints_for_the_key() {
        let hint = |key_id: Option<&str>| {
            Ok(KeyHint {
                algorithm: Algorithm::Es256,
                key_id: key_id.map(str::to_owned),
            })
        };
        for (header, expected) in [
            (r#"{"alg":"ES256"}"#, hint(None)),
            (r#"{"alg":"ES256","kid":"k"}"#, hint(Some("k"))),
            (r#"{"alg":"ES256","kid":"k","b64":false}"#, hint(Some("k"))),
            (r#"{"alg":"ES256","kid":7}"#, Err(Malformed)),
            (r#"{"alg":"none"}"#, Err(UnsupportedAlgorithm)),
            (r#"{"kid":"k"}"#, Err(Malformed)),
        ] {
            assert_eq!(key_hint(header, CLAIMS), expected, "{header}");
        }
    }

    #[test]
    fn exp_must_be_present_and_not_passed_by_more_than_the_leeway() {
        for (claims, expected) in [
            (r#"{"iss":"a","exp":1000000}"#, None),
            (r#"{"iss":"a","exp":999990}"#, None),
            (r#"{"iss":"a","exp":999989}"#, Some(Expired)),
            (r#"{"iss":"a","exp":null}"#, Some(NoExpiry)),
            (r#"{"iss":"a"}"#, Some(NoExpiry)),
        ] {
            let rejected = key_hint(r#"{"alg":"ES256"}"#, claims).err();
            assert_eq!(rejected, expected, "{claims}");
        }
    }
}
