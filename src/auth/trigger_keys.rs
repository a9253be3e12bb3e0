//! The keys that let a timer or a provider in.

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// The keys of `/trigger/…` and `/delivery-report/…`: the current one, and the previous one while
/// the key is rotated.
///
/// Holds hashes only. Two hashes have one length, so that a comparison takes the same time
/// whatever is presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TriggerKeys {
    current: [u8; 32],
    previous: Option<[u8; 32]>,
}

impl TriggerKeys {
    /// Reads the variables `trigger_key` and `trigger_key_previous`. Without a current key there
    /// are none: the previous key alone opens nothing.
    #[must_use]
    pub fn new(current: &str, previous: &str) -> Option<Self> {
        let hash = |key: &str| Sha256::digest(key).into();
        (!current.is_empty()).then(|| Self {
            current: hash(current),
            previous: (!previous.is_empty()).then(|| hash(previous)),
        })
    }

    /// Tells whether this is one of the keys, in constant time.
    #[must_use]
    pub fn accept(&self, presented: &str) -> bool {
        let presented = Sha256::digest(presented);
        let current = presented.ct_eq(&self.current);
        // Both are compared in every case, so that the time does not tell which one it was.
        let previous = presented.ct_eq(&self.previous.unwrap_or(self.current));
        (current | previous).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_key_is_accepted_and_no_other_one() {
        let keys = TriggerKeys::new("new", "old").unwrap();
        for (presented, accepted) in [
            ("new", true),
            ("old", true),
            ("", false),
            ("newold", false),
            ("ne", false),
            ("New", false),
        ] {
            assert_eq!(keys.accept(presented), accepted, "{presented}");
        }
    }

    #[test]
    fn without_a_previous_key_only_the_current_one_is_accepted() {
        let keys = TriggerKeys::new("new", "").unwrap();
        assert!(keys.accept("new"));
        assert!(!keys.accept(""));
        assert!(!keys.accept("old"));
    }

    #[test]
    fn a_previous_key_alone_opens_nothing() {
        assert_eq!(TriggerKeys::new("", ""), None);
        assert_eq!(TriggerKeys::new("", "old"), None);
    }
}
