//! Short digests, for names that are derived from content.

use sha2::{Digest as _, Sha256};

/// Returns the first half of the SHA-256 of these parts, one after the other.
///
/// 128 bits make an accidental collision negligible. Formatted with `{:032x}`, the result is valid in
/// keys of every store and in headers.
#[must_use]
pub fn half_sha256(parts: &[&[u8]]) -> u128 {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    let hash: [u8; 32] = hash.finalize().into();
    let (halves, _) = hash.as_chunks::<16>();
    u128::from_be_bytes(halves[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_is_the_beginning_of_the_whole() {
        for parts in [&[&b"abc"[..]][..], &[b"a", b"", b"bc"]] {
            // FIPS 180-2, appendix B.1.
            assert_eq!(
                half_sha256(parts),
                0xba78_16bf_8f01_cfea_4141_40de_5dae_2223
            );
        }
    }
}
