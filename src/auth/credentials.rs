//! The credentials in a request's headers.

use http::{HeaderMap, HeaderName, header::AUTHORIZATION};

use super::token::UnverifiedToken;

/// The header of a platform access token.
pub(super) const PLATFORM_ACCESS_TOKEN: HeaderName = HeaderName::from_static("platformaccesstoken");

/// What a request presents; cookies and the query are never looked at.
pub struct Credentials<'a> {
    pub(super) bearer: Presented<'a>,
    pub(super) platform: Presented<'a>,
}

/// One kind of credential.
pub(super) enum Presented<'a> {
    /// None, or an empty one.
    Nothing,
    /// One, but it cannot be a token.
    Unusable,
    /// What may be a token.
    Token(UnverifiedToken<'a>),
}

impl<'a> Credentials<'a> {
    /// Takes the credentials out of a request's headers.
    #[must_use]
    pub fn of(headers: &'a HeaderMap) -> Self {
        Self {
            bearer: Presented::of(headers, &AUTHORIZATION, bearer_token),
            platform: Presented::of(headers, &PLATFORM_ACCESS_TOKEN, Some),
        }
    }

    /// Whether any was presented.
    pub(super) fn any(&self) -> bool {
        let presented = |credential: &Presented<'_>| !matches!(credential, Presented::Nothing);
        presented(&self.bearer) || presented(&self.platform)
    }
}

impl<'a> Presented<'a> {
    /// A credential stands in exactly one header line.
    fn of(
        headers: &'a HeaderMap,
        name: &HeaderName,
        read: impl Fn(&'a str) -> Option<&'a str>,
    ) -> Self {
        let mut lines = headers.get_all(name).iter();
        let Some(line) = lines.next() else {
            return Self::Nothing;
        };
        if lines.next().is_some() {
            return Self::Unusable;
        }
        let Ok(line) = std::str::from_utf8(line.as_bytes()) else {
            return Self::Unusable;
        };
        match read(line.trim()) {
            None | Some("") => Self::Nothing,
            Some(token) => UnverifiedToken::new(token).map_or(Self::Unusable, Self::Token),
        }
    }
}

/// The token of `Bearer <token>`, the scheme in any case (RFC 9110, section 11.1); another scheme
/// is no credential of this API.
pub(crate) fn bearer_token(line: &str) -> Option<&str> {
    let (scheme, token) = line.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
