//! Names, contenders and sequences, as `wit/claims/claims.wit` limits them.

use std::fmt;

use super::{Failure, inconclusive};

/// The most characters, so that a key with a prefix before it suits every provider.
const MAX_LENGTH: usize = 160;

/// A name, a contender or a sequence: 1 to 160 characters of `[A-Za-z0-9._:-]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word(String);

impl Word {
    /// Checks a text that a caller gave.
    pub fn parse(text: String) -> Result<Self, Failure> {
        let suits = |byte: u8| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte);
        if (1..=MAX_LENGTH).contains(&text.len()) && text.bytes().all(suits) {
            Ok(Self(text))
        } else {
            Err(inconclusive(format!(
                "a name must have 1 to {MAX_LENGTH} characters of [A-Za-z0-9._:-]"
            )))
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_suit_every_store() {
        for text in ["a", "place:0b8f6b1e-58f6:0", "A_z.9:-", &"x".repeat(160)] {
            let word = Word::parse(text.to_owned());
            assert_eq!(word.map(|word| word.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "a b", "a/b", "a'b", "æ", "a\n", &"x".repeat(161)] {
            assert!(Word::parse(text.to_owned()).is_err(), "{text}");
        }
    }
}
