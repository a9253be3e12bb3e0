//! Contenders as numbers.

use claims_shared::Name;
use sha2::{Digest as _, Sha256};

use super::number;

/// The maximum number of additions in a sum. A larger multiple is taken for a sum of several
/// contenders.
const MAX_ADDITIONS: i64 = 1 << 20;

/// A contender, as the number that it adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contender(i64);

impl Contender {
    /// Returns the contender with this text. Two texts share a number with a probability of 2⁻³⁹.
    #[must_use]
    pub fn of(text: &Name) -> Self {
        let hash = Sha256::digest(text.as_str());
        let mut number = [0; 8];
        number[3..].copy_from_slice(&hash[..5]);
        // 40 bits, so that a million contenders add up without overflow; never 0.
        Self(i64::from_be_bytes(number) | 1 << 32)
    }

    /// Returns the number that the contender adds.
    pub(crate) fn number(self) -> i64 {
        self.0
    }

    /// Returns the value that the contender swaps in.
    pub(crate) fn value(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }

    /// Returns whether only this contender has added to a sum.
    pub(crate) fn is_alone_in(self, sum: i64) -> bool {
        sum % self.0 == 0 && (1..=MAX_ADDITIONS).contains(&(sum / self.0))
    }

    /// Returns whether the value of a claim's key names this contender as the winner, by either
    /// method.
    pub(crate) fn has_won(self, value: &[u8]) -> bool {
        value == self.value() || number::parse(value).is_some_and(|sum| self.is_alone_in(sum))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contender(text: &str) -> Contender {
        Contender::of(&Name::parse(text.to_owned()).unwrap())
    }

    #[test]
    fn is_alone_in_sum_of_several_contenders_is_false() {
        let (a, b) = (contender("a"), contender("b"));
        assert!(a.is_alone_in(a.number()));
        assert!(a.is_alone_in(3 * a.number()));
        assert!(!a.is_alone_in(a.number() + b.number()));
        assert!(!a.is_alone_in(0));
        assert!(!a.is_alone_in(-a.number()));
        assert!(!a.is_alone_in((1 << 20) * a.number() + a.number()));
    }

    #[test]
    fn has_won_value_of_either_method_names_winner() {
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
