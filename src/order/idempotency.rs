//! Idempotency keys: draft-ietf-httpapi-idempotency-key-header.

use super::registered::{Creator, OrderId};
use crate::digest::half_sha256;

/// A client's name for one request, the same whenever it repeats the request: 1 to 255 visible ASCII
/// characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

/// The header is not an idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one quoted string, or a bare token, of 1 to 255 visible ASCII characters")]
pub struct NotAKey;

impl IdempotencyKey {
    /// Reads a header's value: one item (RFC 9651, section 3.3) that is a string or a bare token. Its
    /// parameters are ignored.
    ///
    /// Clients send UUIDs and the like without quotes, so a bare token here may have any visible ASCII
    /// characters but those that end an item, which is more than RFC 9651 allows.
    pub fn parse(value: &str) -> Result<Self, NotAKey> {
        let value = value.trim_matches([' ', '\t']);
        let (key, parameters) = match value.strip_prefix('"') {
            Some(quoted) => string(quoted)?,
            None => {
                let (token, rest) = value.split_at(value.find(';').unwrap_or(value.len()));
                (
                    is_bare(token).then(|| token.to_owned()).ok_or(NotAKey)?,
                    rest,
                )
            }
        };
        skip_parameters(parameters)?;
        let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
        if visible && (1..=255).contains(&key.len()) {
            Ok(Self(key))
        } else {
            Err(NotAKey)
        }
    }

    /// Returns the id of the order that `creator` places with this key (RFC 9562, version 8). It is the
    /// same for each repeat, so that a repeated write is the same write.
    #[must_use]
    pub fn order_id(&self, creator: &Creator) -> OrderId {
        let creator = creator.as_str().as_bytes();
        // The length keeps `a` + `bc` apart from `ab` + `c`.
        let length = (creator.len() as u64).to_be_bytes();
        let hash = half_sha256(&[&length, creator, self.0.as_bytes()]);
        OrderId::of_hash(hash.to_be_bytes())
    }
}

/// Reads a string after its first quote. Returns it and the rest after its last quote. Only `\"` and
/// `\\` are escapes (RFC 9651, section 4.2.5).
fn string(quoted: &str) -> Result<(String, &str), NotAKey> {
    let mut text = String::with_capacity(quoted.len());
    let mut characters = quoted.chars();
    loop {
        match characters.next().ok_or(NotAKey)? {
            '"' => return Ok((text, characters.as_str())),
            '\\' => match characters.next() {
                Some(escaped @ ('"' | '\\')) => text.push(escaped),
                _ => return Err(NotAKey),
            },
            other if other.is_ascii() && !other.is_ascii_control() => text.push(other),
            _ => return Err(NotAKey),
        }
    }
}

/// Returns whether a text has no character that ends an item, begins a string or separates two items.
fn is_bare(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';'))
}

/// Checks that the text is parameters of an item and nothing else (RFC 9651, section 4.2.3.2).
fn skip_parameters(mut parameters: &str) -> Result<(), NotAKey> {
    while !parameters.is_empty() {
        let parameter = parameters.strip_prefix(';').ok_or(NotAKey)?;
        let parameter = parameter.trim_start_matches(' ');
        let is_in_name = |c: char| {
            c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.' | '*')
        };
        let rest = parameter.trim_start_matches(is_in_name);
        let starts_name = |c: char| c.is_ascii_lowercase() || c == '*';
        if !parameter.starts_with(starts_name) {
            return Err(NotAKey);
        }
        parameters = match rest.strip_prefix('=') {
            None => rest,
            Some(value) => skip_value(value)?,
        };
    }
    Ok(())
}

/// Returns the rest after the value of a parameter.
fn skip_value(value: &str) -> Result<&str, NotAKey> {
    // A display string is a percent sign and a string.
    let quoted = value.strip_prefix('%').unwrap_or(value).strip_prefix('"');
    if let Some(quoted) = quoted {
        return string(quoted).map(|(_, rest)| rest);
    }
    let (bare, rest) = value.split_at(value.find(';').unwrap_or(value.len()));
    if !bare.is_empty() && is_bare(bare) {
        Ok(rest)
    } else {
        Err(NotAKey)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_quoted_or_bare_keys_only() {
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
            ("\"a,b;c\"", "a,b;c"),
            ("a:b/c+d=", "a:b/c+d="),
            (&longest, &longest),
            // Parameters.
            ("\"abc\";p=1", "abc"),
            ("abc;p=1", "abc"),
            ("\"abc\";p", "abc"),
            (
                "\"abc\"; p=\"x;\\\",\"; *q-1.a_b=?1;r=:YQ==:;s=-1.5;t=a/b",
                "abc",
            ),
            ("\"abc\";p=%\"%c3%a6\"", "abc"),
        ] {
            assert_eq!(
                IdempotencyKey::parse(value),
                Ok(IdempotencyKey(key.to_owned())),
                "{value}"
            );
        }
        let too_long = "x".repeat(256);
        for value in [
            "",
            " ",
            "\"\"",
            "\"",
            "\"abc",
            "a b",
            "\"a b\"",
            "æ",
            "\"a\"b\"",
            r#""a\n""#,
            r#""a\"#,
            "a\u{7f}",
            &too_long,
            // Lists.
            "k1,k2",
            "k1, k2",
            "\"k1\",\"k2\"",
            "\"k1\", k2",
            "k1,",
            ",",
            "k;p=1,k2",
            "k;p=a,b",
            // Malformed parameters.
            "\"abc\";",
            "abc;",
            ";p=1",
            "\"\";p=1",
            "\"abc\";P=1",
            "\"abc\";1=1",
            "\"abc\";p=",
            "\"abc\" ;p=1",
            "\"abc\";p =1",
            "\"abc\";p= 1",
            "\"abc\";p=\"x",
            "\"abc\";p=\"x\"y",
            "\"abc\"p=1",
            "\"abc\";p=a\"b\"",
            "abc;p=æ",
        ] {
            assert_eq!(IdempotencyKey::parse(value), Err(NotAKey), "{value:?}");
        }
    }

    #[test]
    fn order_id_follows_from_creator_and_key() {
        let key = |text| IdempotencyKey::parse(text).unwrap();
        let creator = |name| Creator::new(name).unwrap();
        let id = key("a").order_id(&creator("ttd"));
        assert_eq!(id, key("\"a\"").order_id(&creator("ttd")));
        assert_ne!(id, key("b").order_id(&creator("ttd")));
        assert_ne!(key("da").order_id(&creator("tt")), id);
        assert_eq!(id.to_string().as_bytes()[14], b'8');
    }
}
