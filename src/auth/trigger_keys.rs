//! The keys of timers and providers.

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// The keys of `/trigger/…` and `/delivery-report/…`: the current one, and the previous one during a
/// rotation.
///
/// The keys are stored as hashes. All hashes have the same length, so the time of a comparison does
/// not depend on the presented key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TriggerKeys {
    current: [u8; 32],
    previous: Option<[u8; 32]>,
}

impl TriggerKeys {
    /// Reads the variables `trigger_key` and `trigger_key_previous`; None without a current key: the
    /// previous key alone is not accepted.
    #[must_use]
    pub fn new(current: &str, previous: &str) -> Option<Self> {
        let hash = |key: &str| Sha256::digest(key).into();
        (!current.is_empty()).then(|| Self {
            current: hash(current),
            previous: (!previous.is_empty()).then(|| hash(previous)),
        })
    }

    /// Compares a key with both keys, in constant time.
    #[must_use]
    pub fn accept(&self, presented: &str) -> bool {
        let presented = Sha256::digest(presented);
        let current = presented.ct_eq(&self.current);
        // Always compares both, so that the time does not tell which one matches.
        let previous = presented.ct_eq(&self.previous.unwrap_or(self.current));
        (current | previous).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_takes_either_key_and_no_other() {
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
    fn accept_without_a_previous_key_takes_the_current_one_only() {
        let keys = TriggerKeys::new("new", "").unwrap();
        assert!(keys.accept("new"));
        assert!(!keys.accept(""));
        assert!(!keys.accept("old"));
    }

    #[test]
    fn new_without_a_current_key_returns_none() {
        assert_eq!(TriggerKeys::new("", ""), None);
        assert_eq!(TriggerKeys::new("", "old"), None);
    }
}
