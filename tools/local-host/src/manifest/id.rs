//! Identifiers of a manifest: words of ASCII letters and digits that are joined by one delimiter. Each
//! word begins with a letter and has one case.

use std::fmt;

use serde::Deserialize;

/// A component's name: words joined by `-`.
pub type ComponentId = Id<'-'>;

/// An identifier whose words are joined by `DELIMITER`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Id<const DELIMITER: char>(String);

/// Why a text is not an identifier.
#[derive(Debug, thiserror::Error)]
#[error(
    "{text:?} is not an identifier: it must be words of ASCII letters and digits joined by {delimiter:?}, each beginning with a letter and all of one case"
)]
pub struct InvalidId {
    text: String,
    delimiter: char,
}

impl<const DELIMITER: char> Id<DELIMITER> {
    /// Returns the identifier.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether `text` is an identifier of this form.
    pub(super) fn is_valid(text: &str) -> bool {
        text.split(DELIMITER).all(|word| {
            let lower = word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
            let upper = word
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
            word.starts_with(|c: char| c.is_ascii_alphabetic()) && (lower || upper)
        })
    }
}

impl<const DELIMITER: char> TryFrom<String> for Id<DELIMITER> {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        if Self::is_valid(&text) {
            Ok(Self(text))
        } else {
            Err(InvalidId {
                text,
                delimiter: DELIMITER,
            })
        }
    }
}

impl<const DELIMITER: char> fmt::Display for Id<DELIMITER> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::ComponentId;

    #[test]
    fn is_valid_requires_words_of_one_case() {
        for valid in ["a", "email-orders", "a1-b2", "HTTP-api"] {
            assert!(ComponentId::is_valid(valid), "{valid}");
        }
        for invalid in ["", "-", "a-", "1a", "a--b", "a_b", "Aa", "å"] {
            assert!(!ComponentId::is_valid(invalid), "{invalid}");
        }
    }
}
