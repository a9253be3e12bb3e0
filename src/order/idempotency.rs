//! Safe repeats: draft-ietf-httpapi-idempotency-key-header.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    registered::{Creator, OrderId},
    request::OrderRequest,
};

/// What a client calls one request of its own, however often it sends it: 1 to 255 visible ASCII
/// characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

/// The header is no idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one quoted string, or a bare token, of 1 to 255 visible ASCII characters")]
pub struct NotAKey;

impl IdempotencyKey {
    /// Reads a header's value: a string of RFC 9651, section 3.3.3, or a bare token.
    pub fn parse(value: &str) -> Result<Self, NotAKey> {
        let value = value.trim_matches([' ', '\t']);
        let key = match value.strip_prefix('"') {
            Some(quoted) => unescape(quoted.strip_suffix('"').ok_or(NotAKey)?)?,
            None => value.to_owned(),
        };
        let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
        if visible && (1..=255).contains(&key.len()) {
            Ok(Self(key))
        } else {
            Err(NotAKey)
        }
    }

    /// The id of the order that `creator` places with this key: the same however often, so that a
    /// repeated write is the same write (RFC 9562, version 8).
    #[must_use]
    pub fn order_id(&self, creator: &Creator) -> OrderId {
        let mut hash = Sha256::new();
        hash.update((creator.as_str().len() as u64).to_be_bytes());
        hash.update(creator.as_str());
        hash.update(&self.0);
        OrderId::of_hash(first_half(hash))
    }
}

/// Only `\"` and `\\` are escapes; a bare quote or another escape is an error.
fn unescape(quoted: &str) -> Result<String, NotAKey> {
    let mut text = String::with_capacity(quoted.len());
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return Err(NotAKey),
            '\\' => match characters.next() {
                Some(escaped @ ('"' | '\\')) => text.push(escaped),
                _ => return Err(NotAKey),
            },
            other => text.push(other),
        }
    }
    Ok(text)
}

/// What a request asks for, whatever the order and the case of its members and the white space
/// between them: equal requests have equal fingerprints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// The fingerprint of a request.
    #[must_use]
    pub fn of(request: &OrderRequest) -> Self {
        let mut hash = Sha256::new();
        // Every member in its place: what it serializes to has string keys and cannot fail.
        hash.update(serde_json::to_vec(request).unwrap_or_default());
        Self(first_half(hash))
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(self) -> [u8; 16] {
        self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> Self {
        fingerprint.to_string()
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        u128::from_str_radix(&text, 16).map(|number| Self(number.to_be_bytes()))
    }
}

fn first_half(hash: Sha256) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&hash.finalize()[..16]);
    half
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_quoted_or_bare() {
        let longest = "x".repeat(255);
        for (value, key) in [
            ("\"abc\"", "abc"),
            ("abc", "abc"),
            (
                "8e03978e-40d5-43e8-bc93-6894a57f9324",
                "8e03978e-40d5-43e8-bc93-6894a57f9324",
            ),
            (r#""a\"b\\c""#, r#"a"b\c"#),
            (" \t\"abc\" ", "abc"),
            (&longest, &longest),
        ] {
            assert_eq!(
                IdempotencyKey::parse(value),
                Ok(IdempotencyKey(key.to_owned())),
                "{value}"
            );
        }
        let too_long = "x".repeat(256);
        for value in [
            "", " ", "\"\"", "\"", "\"abc", "a b", "\"a b\"", "æ", "\"a\"b\"", r#""a\n""#,
            r#""a\"#, "a\u{7f}", &too_long,
        ] {
            assert_eq!(IdempotencyKey::parse(value), Err(NotAKey), "{value:?}");
        }
    }

    #[test]
    fn an_order_id_is_of_its_creator_and_key() {
        let key = |text| IdempotencyKey::parse(text).unwrap();
        let creator = |name| Creator::new(name).unwrap();
        let id = key("a").order_id(&creator("ttd"));
        assert_eq!(id, key("\"a\"").order_id(&creator("ttd")));
        assert_ne!(id, key("b").order_id(&creator("ttd")));
        assert_ne!(key("da").order_id(&creator("tt")), id);
        assert_eq!(id.to_string().as_bytes()[14], b'8');
    }

    #[test]
    fn fingerprints_are_of_what_is_asked_for() {
        let of = |json: &str| Fingerprint::of(&OrderRequest::parse(json.as_bytes()).unwrap());
        let one = of(r#"{"subject":"s","body":"b","recipients":[{"emailAddress":"a@b.no"}]}"#);
        let same =
            r#"{ "Body":"b", "x":1, "recipients":[{"EMAILADDRESS":"a@b.no"}],"subject":"s"}"#;
        assert_eq!(one, of(same));
        assert_ne!(
            one,
            of(r#"{"subject":"s","body":"c","recipients":[{"emailAddress":"a@b.no"}]}"#)
        );
        let json = serde_json::to_string(&one).unwrap();
        assert_eq!(serde_json::from_str::<Fingerprint>(&json).unwrap(), one);
    }
}
