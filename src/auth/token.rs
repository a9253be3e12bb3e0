//! Tokens, before and after their verification.

use jwt_simple::prelude::*;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use super::{algorithm::Algorithm, claims::Claims, present::present};
use crate::{order::Creator, timestamp::Timestamp};

/// Longer tokens are not read.
const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// How far the clocks of an issuer and of this host may differ, for `exp`, `nbf` and `iat` alike.
pub(super) const LEEWAY_SECONDS: u64 = 10;

/// The types that a token may say it is, compared without case: RFC 7519's own and that of access
/// tokens (RFC 9068). Any other type is for another purpose (RFC 8725, section 3.11).
const TYPES: [&str; 2] = ["JWT", "at+jwt"];

/// A JSON Web Token (RFC 7519) as a client sent it: nothing in it is true yet.
///
/// What it says of itself only serves to find the key to verify it with.
#[derive(Clone, Copy)]
pub struct UnverifiedToken<'a> {
    text: &'a str,
}

/// What an unverified token says about who signed it, and how.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Hints {
    pub(super) issuer: String,
    pub(super) algorithm: Algorithm,
    pub(super) key_id: Option<String>,
}

/// The header of a token (RFC 7515, section 4.1), as far as it decides anything here.
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
    /// Tells whether a token of this header may be verified at all: it is an access token, and
    /// nothing in it must be understood that is not (RFC 7515, section 4.1.11: `crit` lists
    /// extensions, none of which this service knows, and is never empty).
    fn is_acceptable(&self) -> bool {
        let is_token = self.typ.as_ref().is_none_or(|said| {
            let said = said.as_str().unwrap_or_default();
            TYPES.iter().any(|known| known.eq_ignore_ascii_case(said))
        });
        is_token && self.crit.is_none()
    }
}

impl<'a> UnverifiedToken<'a> {
    /// Takes a text that may be a token, if it is not too long to be one.
    #[must_use]
    pub fn new(text: &'a str) -> Option<Self> {
        (text.len() <= MAX_TOKEN_BYTES).then_some(Self { text })
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// Returns what it says of itself; None if it says that it cannot hold (any more), which is
    /// true of it whoever signed it, and spares the verification.
    pub(super) fn hints(&self, now: Timestamp) -> Option<Hints> {
        #[derive(Deserialize)]
        struct Said {
            iss: String,
            exp: Value,
        }
        let mut parts = self.text.split('.');
        let header: Header = decoded(parts.next()?)?;
        let Said { iss, exp } = decoded(parts.next()?)?;
        let is_over =
            |exp: u64| exp.saturating_add(LEEWAY_SECONDS) < now.unix_seconds().unsigned_abs();
        if !header.is_acceptable() || exp.as_u64().is_some_and(is_over) {
            return None;
        }
        Some(Hints {
            issuer: iss,
            algorithm: Algorithm::from_name(&header.alg)?,
            key_id: header.kid,
        })
    }
}

/// Reads one part of a token.
fn decoded<T: DeserializeOwned>(part: &str) -> Option<T> {
    let json = Base64UrlSafeNoPadding::decode_to_vec(part, None).ok()?;
    serde_json::from_slice(&json).ok()
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
    /// Takes the claims of a token whose signature was verified; None if it would never expire.
    pub(super) fn of(claims: JWTClaims<Claims>) -> Option<Self> {
        let expires_at = i64::try_from(claims.expires_at?.as_secs()).ok()?;
        Some(Self {
            issuer: claims.issuer?,
            scopes: claims.custom.scopes().map(str::to_owned).collect(),
            organization: claims.custom.creator(),
            expires_at: Timestamp::from_unix_seconds(expires_at)?,
        })
    }

    /// Tells whether this is its issuer.
    pub(super) fn is_of(&self, issuer: &str) -> bool {
        self.issuer == issuer
    }

    /// Tells whether one of its scopes is among these; scopes are case-sensitive.
    #[must_use]
    pub fn has_any_scope(&self, wanted: &[String]) -> bool {
        self.scopes.iter().any(|scope| wanted.contains(scope))
    }

    /// Returns the organisation that the token was issued to.
    #[must_use]
    pub fn organization(&self) -> Option<Creator> {
        self.organization.clone()
    }

    /// Returns its issuer, as a creator.
    #[must_use]
    pub fn issuer(&self) -> Option<Creator> {
        Creator::new(self.issuer.as_str())
    }

    /// Returns when it expires.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hints(header: &str, claims: &str) -> Option<Hints> {
        let part = |json: &str| Base64UrlSafeNoPadding::encode_to_string(json).unwrap();
        let token = format!("{}.{}.x", part(header), part(claims));
        let now = Timestamp::from_unix_seconds(1_000_000).unwrap();
        UnverifiedToken::new(&token).unwrap().hints(now)
    }

    const CLAIMS: &str = r#"{"iss":"a","exp":1000000}"#;

    #[test]
    fn a_type_is_absent_or_that_of_an_access_token() {
        for (typ, accepted) in [
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
            assert_eq!(hints(&header, CLAIMS).is_some(), accepted, "{header}");
        }
    }

    #[test]
    fn critical_extensions_are_refused_whatever_they_are() {
        for crit in ["[]", r#"["exp"]"#, r#"["b64"]"#, "null", "true"] {
            let header = format!(r#"{{"alg":"ES256","crit":{crit}}}"#);
            assert_eq!(hints(&header, CLAIMS), None, "{crit}");
        }
    }

    #[test]
    fn the_rest_of_a_header_only_leads_to_a_key() {
        let said = |key_id: Option<&str>| {
            Some(Hints {
                issuer: "a".to_owned(),
                algorithm: Algorithm::Es256,
                key_id: key_id.map(str::to_owned),
            })
        };
        let table = [
            (r#"{"alg":"ES256"}"#, said(None)),
            (r#"{"alg":"ES256","kid":"k"}"#, said(Some("k"))),
            (r#"{"alg":"ES256","kid":"k","b64":false}"#, said(Some("k"))),
            (r#"{"alg":"ES256","kid":7}"#, None),
            (r#"{"alg":"none"}"#, None),
            (r#"{"kid":"k"}"#, None),
        ];
        for (header, expected) in table {
            assert_eq!(hints(header, CLAIMS), expected, "{header}");
        }
    }

    #[test]
    fn a_token_that_is_over_gives_no_hints() {
        for (exp, any) in [("1000000", true), ("999990", true), ("999989", false)] {
            let claims = format!(r#"{{"iss":"a","exp":{exp}}}"#);
            assert_eq!(hints(r#"{"alg":"ES256"}"#, &claims).is_some(), any, "{exp}");
        }
    }
}
