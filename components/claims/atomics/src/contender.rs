//! Contenders as numbers.

use claims_shared::Word;
use sha2::{Digest as _, Sha256};

use super::number;

/// A sum of more contenders than this is taken for a mixture.
const MAX_CONTENDERS: i64 = 1 << 20;

/// A contender, as the number that it adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contender(i64);

impl Contender {
    /// Returns the contender of this text. Two texts share a number with a probability of 2⁻³⁹.
    #[must_use]
    pub fn of(text: &Word) -> Self {
        let hash = Sha256::digest(text.as_str());
        let mut number = [0; 8];
        number[3..].copy_from_slice(&hash[..5]);
        // 40 bits, so that a million of them add up without overflow, and never 0.
        Self(i64::from_be_bytes(number) | 1 << 32)
    }

    /// The number that it adds.
    pub(crate) fn number(self) -> i64 {
        self.0
    }

    /// The value that it swaps in.
    pub(crate) fn value(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }

    /// Returns whether only this contender has added to a sum.
    pub(crate) fn is_alone_in(self, sum: i64) -> bool {
        sum % self.0 == 0 && (1..=MAX_CONTENDERS).contains(&(sum / self.0))
    }

    /// Returns whether the value under a claim's key says that this contender was first, by either
    /// method.
    pub(crate) fn has_won(self, value: &[u8]) -> bool {
        value == self.value() || number::of_value(value).is_some_and(|sum| self.is_alone_in(sum))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contender(text: &str) -> Contender {
        Contender::of(&Word::parse(text.to_owned()).unwrap())
    }

    #[test]
    fn sums_tell_who_has_added() {
        let (a, b) = (contender("a"), contender("b"));
        assert!(a.is_alone_in(a.number()));
        assert!(a.is_alone_in(3 * a.number()));
        assert!(!a.is_alone_in(a.number() + b.number()));
        assert!(!a.is_alone_in(0));
        assert!(!a.is_alone_in(-a.number()));
        assert!(!a.is_alone_in((1 << 20) * a.number() + a.number()));
    }

    #[test]
    fn a_value_names_its_winner_by_either_method() {
        let (a, b) = (contender("a"), contender("b"));
        let sum = 2 * a.number();
        for value in [
            a.value().to_vec(),
            sum.to_le_bytes().to_vec(),
            sum.to_string().into_bytes(),
        ] {
            assert!(a.has_won(&value), "{value:?}");
            assert!(!b.has_won(&value), "{value:?}");
        }
        assert!(!a.has_won(b"text"));
    }
}
