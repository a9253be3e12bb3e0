//! Serializes tokens in the compact form (RFC 7515 section 7.1).

use ct_codecs::{Base64UrlSafeNoPadding, Decoder as _, Encoder as _};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{Claims, SigningKey};

/// The header of a token.
#[derive(Debug, Clone, PartialEq)]
pub struct Header(Map<String, Value>);

impl Header {
    /// Creates the header of a token that is signed with this key: its algorithm and its id.
    #[must_use]
    pub fn of(key: &SigningKey) -> Self {
        Self::named(key.algorithm().name()).with("kid", key.id())
    }

    /// Creates a header with an algorithm only.
    #[must_use]
    pub fn named(algorithm: &str) -> Self {
        let empty = Self(Map::new());
        empty.with("alg", algorithm).with("typ", "JWT")
    }

    /// Sets any parameter.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// Removes a parameter.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.remove(name);
        self
    }

    /// Returns the part of the token that the signature covers.
    pub(crate) fn signing_input(&self, claims: &Claims) -> String {
        format!("{}.{}", part(&self.0), part(claims.as_json()))
    }
}

/// Encodes one part of a token. Small inputs cannot fail.
pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    Base64UrlSafeNoPadding::encode_to_string(bytes).unwrap_or_default()
}

/// Decodes one part of a token.
pub(crate) fn decode(part: &str) -> Option<Vec<u8>> {
    Base64UrlSafeNoPadding::decode_to_vec(part, None).ok()
}

fn part(json: &impl Serialize) -> String {
    encode(serde_json::to_vec(json).unwrap_or_default())
}
