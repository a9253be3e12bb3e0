//! Authentication of the values that instances share through the store.
//!
//! Some key-value providers do not isolate stores by label (Spin 4.1): on Redis, Azure Cosmos DB and
//! DynamoDB, another application with the same provider can write any key. By storing keys for an
//! issuer, or a verified token, it could place orders in the name of any organisation. Each such
//! value therefore begins with an HMAC-SHA256 (RFC 2104) over its name and its content. HKDF-SHA256
//! (RFC 5869) derives the HMAC key from the variable `trigger_key`. Values that were sealed with
//! `trigger_key_previous` are accepted too, so that a rotation invalidates nothing.
//!
//! Without a `trigger_key` the values are not authenticated: an application that can write to the
//! store can then make any token valid. With one, such an application can still restore an older
//! value; the ages in the values limit the effect. An application that can read the values can try
//! trigger keys offline, so the key must be long and random.

use hmac_sha256::{HKDF, HMAC};

/// The purpose of the derived key (RFC 5869, section 3.2).
const INFO: &[u8] = b"email-orders: values shared in the store, 1";

const TAG_BYTES: usize = 32;

/// A derived key.
type SealKey = [u8; 32];

/// Authenticates values in the store.
#[derive(Clone, Default)]
pub struct Seal {
    /// The keys, the current one first; None if values are not authenticated.
    keys: Option<Vec<SealKey>>,
}

impl std::fmt::Debug for Seal {
    /// Writes whether there are keys, because keys are secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seal")
            .field("authenticates", &self.keys.is_some())
            .finish()
    }
}

impl Seal {
    /// Derives the keys from the variables `trigger_key` and `trigger_key_previous`. Without a
    /// current key nothing is authenticated: the previous key alone has no effect.
    #[must_use]
    pub fn new(current: &str, previous: &str) -> Self {
        let configured = || {
            [current, previous]
                .into_iter()
                .filter(|key| !key.is_empty())
        };
        Self {
            keys: (!current.is_empty()).then(|| configured().map(derive).collect()),
        }
    }

    /// Returns the value to store under a name.
    pub(super) fn seal(&self, name: &str, content: Vec<u8>) -> Vec<u8> {
        let Some(key) = self.keys.as_ref().and_then(|keys| keys.first()) else {
            return content;
        };
        let tag = hmac(key, name, &content).finalize();
        let mut value = tag.to_vec();
        value.extend(content);
        value
    }

    /// Returns the content of a value that is stored under a name, if the value is authentic.
    pub(super) fn open<'a>(&self, name: &str, value: &'a [u8]) -> Option<&'a [u8]> {
        let Some(keys) = &self.keys else {
            return Some(value);
        };
        let (tag, content) = value.split_first_chunk::<TAG_BYTES>()?;
        keys.iter()
            .any(|key| hmac(key, name, content).finalize_verify(tag))
            .then_some(content)
    }
}

/// Derives a key from a configured secret.
fn derive(secret: &str) -> SealKey {
    let mut key = SealKey::default();
    HKDF::expand(&mut key, HKDF::extract(b"", secret), INFO);
    key
}

/// Computes the HMAC of a name and a content. The length of the name comes first, so that different
/// pairs never have the same bytes.
fn hmac(key: &SealKey, name: &str, content: &[u8]) -> HMAC {
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
    fn open_under_another_name_fails() {
        let seal = Seal::new("secret", "");
        let value = seal.seal(NAME, CONTENT.to_vec());
        assert_eq!(seal.open(NAME, &value), Some(CONTENT));
        assert_eq!(seal.open("jwks:0124", &value), None);
        assert_eq!(
            seal.open("jwks:012", &[&value[..32], b"3{}"].concat()),
            None
        );
    }

    #[test]
    fn open_of_an_altered_or_foreign_value_fails() {
        let seal = Seal::new("secret", "previous");
        let value = seal.seal(NAME, CONTENT.to_vec());
        for index in 0..value.len() {
            let mut altered = value.clone();
            altered[index] ^= 1;
            assert_eq!(seal.open(NAME, &altered), None, "{index}");
        }
        assert_eq!(seal.open(NAME, CONTENT), None);
        assert_eq!(seal.open(NAME, &value[..31]), None);
        assert_eq!(seal.open(NAME, b""), None);
        let foreign = Seal::new("other", "").seal(NAME, CONTENT.to_vec());
        assert_eq!(seal.open(NAME, &foreign), None);
    }

    #[test]
    fn open_accepts_the_previous_key_during_a_rotation() {
        let before = Seal::new("old", "");
        let during = Seal::new("new", "old");
        let after = Seal::new("new", "");
        let old = before.seal(NAME, CONTENT.to_vec());
        assert_eq!(during.open(NAME, &old), Some(CONTENT));
        assert_eq!(after.open(NAME, &old), None);
        let new = during.seal(NAME, CONTENT.to_vec());
        assert_eq!(after.open(NAME, &new), Some(CONTENT));
    }

    #[test]
    fn seal_without_a_current_key_authenticates_nothing() {
        for seal in [Seal::new("", ""), Seal::new("", "previous")] {
            assert_eq!(seal.seal(NAME, CONTENT.to_vec()), CONTENT);
            assert_eq!(seal.open(NAME, CONTENT), Some(CONTENT));
        }
    }

    /// The expected tag was computed with Python's `hmac` and `hashlib`.
    #[test]
    fn tag_is_the_hmac_under_the_hkdf_key() {
        let value = Seal::new("secret", "").seal(NAME, CONTENT.to_vec());
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
