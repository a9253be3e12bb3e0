//! The credentials in a request's headers.

use http::{HeaderMap, HeaderName, header::AUTHORIZATION};

/// The header of a platform access token.
const PLATFORM_ACCESS_TOKEN: HeaderName = HeaderName::from_static("platformaccesstoken");

/// The credentials of a request. Cookies and the query are not read.
#[derive(Debug)]
pub struct Credentials<'a> {
    pub(super) bearer: Presented<'a>,
    pub(super) platform: Presented<'a>,
}

/// A credential of one kind.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Presented<'a> {
    /// Absent or empty. A credential of another scheme counts as absent: a client that uses an
    /// unsupported scheme gets no error code (RFC 6750, section 3.1).
    Nothing,
    /// In several header lines, or not text.
    Unusable,
    /// A text.
    Text(&'a str),
}

impl std::fmt::Debug for Presented<'_> {
    /// Writes the variant, because the text is secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Nothing => "Nothing",
            Self::Unusable => "Unusable",
            Self::Text(_) => "Text",
        })
    }
}

impl<'a> Credentials<'a> {
    /// Reads the credentials from the headers of a request.
    #[must_use]
    pub fn of(headers: &'a HeaderMap) -> Self {
        Self {
            bearer: Presented::bearer(headers),
            platform: Presented::of(headers, &PLATFORM_ACCESS_TOKEN, |line| line),
        }
    }

    /// Returns whether any credential was presented.
    pub(super) fn any(&self) -> bool {
        self.bearer.is_something() || self.platform.is_something()
    }
}

impl<'a> Presented<'a> {
    /// Reads the token of `Authorization: Bearer <token>` from the headers of a request.
    #[must_use]
    pub fn bearer(headers: &'a HeaderMap) -> Self {
        Self::of(headers, &AUTHORIZATION, bearer_token)
    }

    /// Returns whether a credential was presented, usable or not.
    #[must_use]
    pub fn is_something(&self) -> bool {
        !matches!(self, Self::Nothing)
    }

    /// Reads a credential, which must be in exactly one header line.
    fn of(headers: &'a HeaderMap, name: &HeaderName, read: fn(&'a [u8]) -> &'a [u8]) -> Self {
        let lines = headers.get_all(name).iter();
        let mut lines = lines.map(|line| read(line.as_bytes().trim_ascii()).trim_ascii());
        let Some(first) = lines.next() else {
            return Self::Nothing;
        };
        if let Some(second) = lines.next() {
            let mut others = [first, second].into_iter().chain(lines);
            return if others.all(<[u8]>::is_empty) {
                Self::Nothing
            } else {
                Self::Unusable
            };
        }
        match std::str::from_utf8(first) {
            Ok("") => Self::Nothing,
            Ok(text) => Self::Text(text),
            Err(_) => Self::Unusable,
        }
    }
}

/// Returns the token of `Bearer <token>`, with the scheme in any case (RFC 9110, section 11.1); empty
/// for any other scheme.
fn bearer_token(line: &[u8]) -> &[u8] {
    let end = line.iter().position(|&byte| byte == b' ');
    let (scheme, token) = line.split_at(end.unwrap_or(line.len()));
    if scheme.eq_ignore_ascii_case(b"bearer") {
        token
    } else {
        b""
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(name: &HeaderName, lines: &[&[u8]]) -> HeaderMap {
        let lines = lines.iter().map(|line| HeaderValue::from_bytes(line));
        lines.map(|line| (name.clone(), line.unwrap())).collect()
    }

    #[test]
    fn bearer_is_read_from_exactly_one_line_of_its_scheme() {
        use Presented::{Nothing, Text, Unusable};
        let table: [(&[&[u8]], Presented<'_>); _] = [
            (&[], Nothing),
            (&[b""], Nothing),
            (&[b"Bearer x"], Text("x")),
            (&[b"bEARER   x "], Text("x")),
            (&[b"Bearer x y"], Text("x y")),
            (&[b"Bearer"], Nothing),
            (&[b"Bearer "], Nothing),
            (&[b"Bearerx"], Nothing),
            (&[b"Basic x"], Nothing),
            (&[b"Basic \xff"], Nothing),
            (&[b"Bearer \xff"], Unusable),
            (&[b"Bearer x", b"Bearer x"], Unusable),
            (&[b"Basic x", b"Bearer x"], Unusable),
            (&[b"Bearer x", b"Basic x"], Unusable),
            (&[b"Basic x", b"Basic y"], Nothing),
        ];
        for (lines, expected) in table {
            let headers = headers(&AUTHORIZATION, lines);
            let presented = Presented::bearer(&headers);
            assert!(presented == expected, "{lines:?}: {presented:?}");
        }
    }

    #[test]
    fn platform_token_is_read_from_exactly_one_line() {
        use Presented::{Nothing, Text, Unusable};
        let table: [(&[&[u8]], Presented<'_>); _] = [
            (&[], Nothing),
            (&[b" "], Nothing),
            (&[b"", b""], Nothing),
            (&[b" x "], Text("x")),
            (&[b"Bearer x"], Text("Bearer x")),
            (&[b"x", b""], Unusable),
            (&[b"\xff"], Unusable),
        ];
        for (lines, expected) in table {
            let headers = headers(&PLATFORM_ACCESS_TOKEN, lines);
            let presented = Credentials::of(&headers).platform;
            assert!(presented == expected, "{lines:?}: {presented:?}");
        }
    }
}
