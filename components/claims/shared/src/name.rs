//! Names, contenders and sequences, as `wit/claims/claims.wit` limits them.

use std::fmt;

use super::{Failure, inconclusive};

/// The maximum length. A key made of a prefix and a name then suits every provider.
const MAX_LENGTH: usize = 160;

/// A name, contender or sequence: 1 to 160 characters of `[A-Za-z0-9._:-]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// Validates the text of a caller.
    pub fn parse(text: String) -> Result<Self, Failure> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte);
        if (1..=MAX_LENGTH).contains(&text.len()) && text.bytes().all(is_allowed) {
            Ok(Self(text))
        } else {
            Err(inconclusive(format!(
                "a name must have 1 to {MAX_LENGTH} characters of [A-Za-z0-9._:-]"
            )))
        }
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_allowed_text_returns_name() {
        for text in ["a", "place:0b8f6b1e-58f6:0", "A_z.9:-", &"x".repeat(160)] {
            let name = Name::parse(text.to_owned());
            assert_eq!(name.map(|name| name.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn parse_other_characters_or_lengths_fails() {
        for text in ["", "a b", "a/b", "a'b", "æ", "a\n", &"x".repeat(161)] {
            assert!(Name::parse(text.to_owned()).is_err(), "{text}");
        }
    }
}
