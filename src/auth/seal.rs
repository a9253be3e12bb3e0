//! Authentication of the values that instances share through the store.
//!
//! Some key-value providers do not isolate stores by their labels: on Redis, Azure Cosmos DB and
//! DynamoDB another application with the same provider writes under any key. A neighbour that
//! stored a set of keys for an issuer, or a verified token, could then order in anybody's name.
//! Each such value therefore begins with an HMAC-SHA256 (RFC 2104) over the key that it is stored
//! under and its content. The HMAC key is derived by HKDF-SHA256 (RFC 5869) from the variable
//! `trigger_key`. A value that was sealed with `trigger_key_previous` is still accepted, so that a
//! rotation loses nothing.
//!
//! Without a `trigger_key` the values are shared unauthenticated: an application that can write to
//! the store can then make any token valid. With one, it can still put an older value of this
//! application back; the ages within the values bound what that is good for. A neighbour that
//! reads the values can try out trigger keys offline, so the key must be long and random.

use hmac_sha256::{HKDF, HMAC};

/// Says what the derived key is for (RFC 5869, section 3.2).
const INFO: &[u8] = b"email-orders: values shared in the store, 1";

const TAG_BYTES: usize = 32;

/// A derived key.
type SealKey = [u8; 32];

/// Seals values for the store, and opens them.
#[derive(Clone, Default)]
pub struct Seal {
    /// The keys, the current one first; None where nothing is authenticated.
    keys: Option<Vec<SealKey>>,
}

impl std::fmt::Debug for Seal {
    /// Writes whether there are keys, and nothing of them.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seal")
            .field("authenticates", &self.keys.is_some())
            .finish()
    }
}

impl Seal {
    /// Derives the seal from the variables `trigger_key` and `trigger_key_previous`. Without a
    /// current key it authenticates nothing, as the previous key alone opens nothing.
    #[must_use]
    pub fn new(current: &str, previous: &str) -> Self {
        let configured = || {
            [current, previous]
                .into_iter()
                .filter(|key| !key.is_empty())
        };
        Self {
            keys: (!current.is_empty()).then(|| configured().map(derived).collect()),
        }
    }

    /// Returns the value to store under a name.
    pub(super) fn close(&self, name: &str, content: Vec<u8>) -> Vec<u8> {
        let Some(key) = self.keys.as_ref().and_then(|keys| keys.first()) else {
            return content;
        };
        let tag = authenticating(key, name, &content).finalize();
        let mut value = tag.to_vec();
        value.extend(content);
        value
    }

    /// Returns the content of a value that was stored under a name, if the value is authentic.
    pub(super) fn open<'a>(&self, name: &str, value: &'a [u8]) -> Option<&'a [u8]> {
        let Some(keys) = &self.keys else {
            return Some(value);
        };
        let (tag, content) = value.split_first_chunk::<TAG_BYTES>()?;
        keys.iter()
            .any(|key| authenticating(key, name, content).finalize_verify(tag))
            .then_some(content)
    }
}

/// Derives a key from a configured secret.
fn derived(secret: &str) -> SealKey {
    let mut key = SealKey::default();
    HKDF::expand(&mut key, HKDF::extract(b"", secret), INFO);
    key
}

/// Starts an HMAC over a name and a content. The name's length comes first, so that no part of one
/// can be taken for the other.
fn authenticating(key: &SealKey, name: &str, content: &[u8]) -> HMAC {
    let length = u64::try_from(name.len()).unwrap_or(u64::MAX);
    let mut hmac = HMAC::new(key);
    hmac.update(length.to_be_bytes());
    hmac.update(name);
    hmac.update(content);
    hmac
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "jwks:0123";
    const CONTENT: &[u8] = b"{}";

    #[test]
    fn a_value_opens_under_its_name_alone() {
        let seal = Seal::new("secret", "");
        let value = seal.close(NAME, CONTENT.to_vec());
        assert_eq!(seal.open(NAME, &value), Some(CONTENT));
        assert_eq!(seal.open("jwks:0124", &value), None);
        assert_eq!(
            seal.open("jwks:012", &[&value[..32], b"3{}"].concat()),
            None
        );
    }

    #[test]
    fn an_altered_or_foreign_value_does_not_open() {
        let seal = Seal::new("secret", "previous");
        let value = seal.close(NAME, CONTENT.to_vec());
        for index in 0..value.len() {
            let mut altered = value.clone();
            altered[index] ^= 1;
            assert_eq!(seal.open(NAME, &altered), None, "{index}");
        }
        assert_eq!(seal.open(NAME, CONTENT), None);
        assert_eq!(seal.open(NAME, &value[..31]), None);
        assert_eq!(seal.open(NAME, b""), None);
        let foreign = Seal::new("other", "").close(NAME, CONTENT.to_vec());
        assert_eq!(seal.open(NAME, &foreign), None);
    }

    #[test]
    fn a_rotation_keeps_what_was_sealed_before() {
        let before = Seal::new("old", "");
        let during = Seal::new("new", "old");
        let after = Seal::new("new", "");
        let old = before.close(NAME, CONTENT.to_vec());
        assert_eq!(during.open(NAME, &old), Some(CONTENT));
        assert_eq!(after.open(NAME, &old), None);
        let new = during.close(NAME, CONTENT.to_vec());
        assert_eq!(after.open(NAME, &new), Some(CONTENT));
    }

    #[test]
    fn without_a_current_key_nothing_is_authenticated() {
        for seal in [Seal::new("", ""), Seal::new("", "previous")] {
            assert_eq!(seal.close(NAME, CONTENT.to_vec()), CONTENT);
            assert_eq!(seal.open(NAME, CONTENT), Some(CONTENT));
        }
    }

    /// The expected tag was computed with Python's `hmac` and `hashlib`.
    #[test]
    fn the_tag_is_that_of_hkdf_and_hmac() {
        let value = Seal::new("secret", "").close(NAME, CONTENT.to_vec());
        let tag: String = value[..TAG_BYTES]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(
            tag,
            "175893d20219c5bd4a8f1a18a2f4eb7245e08ef31639a3c414eec0b3720ea4d1"
        );
    }
}
