//! Verified tokens that instances share through the store.
//!
//! Spin 4.1 gives an instance 128 requests, and one RSA verification costs the component about as
//! much as the rest of those requests. An instance therefore shares a token that it has verified.
//! It writes the entry together with the next order that it stores: a write of its own would cost
//! more than it saves.
//!
//! The SHA-256 hash of the whole token and of the configuration of the issuers identifies an entry,
//! so a token that differs in any byte, or that another configuration accepted, has no entry. An
//! entry is valid while the key that verified it is in the set of its issuer, and no longer than
//! the instance that wrote it would have cached the token. An entry that states a later time was
//! not written by this application and is ignored.
//!
//! A client gains nothing by the entries. It can add one only for a valid token, and only that
//! token finds it. The last bits of the hash select one of [`SLOTS`] entries, so the number of
//! entries is bounded.
//!
//! Another application that can write to the store could forge an entry. With a `trigger_key`, a
//! [`Seal`](super::Seal) authenticates entries. Without one, such an application is trusted.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    key::Fingerprint,
    token::{UnverifiedToken, VerifiedToken},
    token_cache,
};
use crate::{order::Creator, timestamp::Timestamp};

/// The number of entries.
const SLOTS: u16 = 4096;

/// A hash of a token and of the configuration of the issuers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TokenHash([u8; 32]);

impl TokenHash {
    /// Hashes a token and a configuration.
    pub(super) fn of(token: UnverifiedToken<'_>, configuration: [u8; 32]) -> Self {
        let hash = Sha256::new().chain_update(configuration);
        Self(hash.chain_update(token.text()).finalize().into())
    }

    /// Returns the name of the entry, which other tokens use too.
    pub(super) fn slot(self) -> String {
        let [.., high, low] = self.0;
        format!("{:03x}", u16::from_be_bytes([high, low]) % SLOTS)
    }

    /// Returns the name that the entry is sealed for.
    pub(super) fn sealed_name(self) -> String {
        format!("token:{}", self.slot())
    }
}

/// A token that another instance has verified.
pub(super) struct SharedToken {
    pub(super) token: VerifiedToken,
    pub(super) key: Fingerprint,
    /// When the token must be verified again.
    pub(super) until: Timestamp,
}

/// The form of an entry in the store.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    token: [u8; 32],
    key: [u8; 32],
    until: Timestamp,
    issuer: String,
    scopes: Vec<String>,
    organization: Option<Creator>,
    expires_at: Timestamp,
}

impl SharedToken {
    /// Reads an entry; None if it is for another token, has expired, or is valid for longer than any
    /// entry may be.
    pub(super) fn read(json: &[u8], hash: TokenHash, now: Timestamp) -> Option<Self> {
        let entry: Entry = serde_json::from_slice(json).ok()?;
        let latest = token_cache::latest_until(entry.expires_at, now);
        if entry.token != hash.0 || entry.until <= now || entry.until > latest {
            return None;
        }
        Some(Self {
            key: Fingerprint::from_bytes(entry.key),
            until: entry.until,
            token: VerifiedToken {
                issuer: entry.issuer,
                scopes: entry.scopes,
                organization: entry.organization,
                expires_at: entry.expires_at,
            },
        })
    }

    /// Returns the entry for a token.
    pub(super) fn write(
        hash: TokenHash,
        token: &VerifiedToken,
        key: Fingerprint,
        until: Timestamp,
    ) -> Option<Vec<u8>> {
        let entry = Entry {
            token: hash.0,
            key: key.to_bytes(),
            until,
            issuer: token.issuer.clone(),
            scopes: token.scopes.clone(),
            organization: token.organization.clone(),
            expires_at: token.expires_at,
        };
        serde_json::to_vec(&entry).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-06-01T12:00:00Z";

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn hash(token: &str, configuration: u8) -> TokenHash {
        TokenHash::of(UnverifiedToken::new(token).unwrap(), [configuration; 32])
    }

    fn entry_to(hash: TokenHash, until: Timestamp, expires_at: Timestamp) -> Vec<u8> {
        let token = VerifiedToken {
            issuer: "https://issuer.test".to_owned(),
            scopes: vec!["a".to_owned()],
            organization: Creator::new("ttd"),
            expires_at,
        };
        SharedToken::write(hash, &token, Fingerprint::from_bytes([7; 32]), until).unwrap()
    }

    fn entry(hash: TokenHash) -> Vec<u8> {
        entry_to(hash, at(NOW).plus_seconds(60), at("2026-06-01T13:00:00Z"))
    }

    #[test]
    fn entry_restores_the_verified_token() {
        let hash = hash("a.b.c", 1);
        let shared = SharedToken::read(&entry(hash), hash, at(NOW)).unwrap();
        assert_eq!(shared.key, Fingerprint::from_bytes([7; 32]));
        assert_eq!(shared.until, at("2026-06-01T12:01:00Z"));
        assert_eq!(shared.token.issuer, "https://issuer.test");
        assert_eq!(shared.token.scopes, ["a"]);
        assert_eq!(shared.token.organization, Creator::new("ttd"));
        assert_eq!(shared.token.expires_at, at("2026-06-01T13:00:00Z"));
    }

    #[test]
    fn entry_is_valid_for_one_token_and_configuration_until_its_end() {
        let mine = hash("a.b.c", 1);
        let read = |hash, seconds| {
            SharedToken::read(&entry(mine), hash, at(NOW).plus_seconds(seconds)).is_some()
        };
        assert!(read(mine, 59));
        assert!(!read(mine, 60));
        assert!(!read(hash("a.b.d", 1), 0));
        assert!(!read(hash("a.b.c", 2), 0));
        assert!(SharedToken::read(b"nonsense", mine, at(NOW)).is_none());
    }

    #[test]
    fn entry_with_too_late_an_end_is_ignored() {
        let hash = hash("a.b.c", 1);
        for (until, expires_in, is_valid) in [
            (60, 3600, true),
            (61, 3600, false),
            (3600, 3600, false),
            (30, 30, true),
            (31, 30, false),
            (0, 3600, false),
            (-1, 3600, false),
        ] {
            let [until_at, expires_at] =
                [until, expires_in].map(|seconds| at(NOW).plus_seconds(seconds));
            let json = entry_to(hash, until_at, expires_at);
            let read = SharedToken::read(&json, hash, at(NOW));
            assert_eq!(read.is_some(), is_valid, "{until} {expires_in}");
        }
    }

    #[test]
    fn slot_is_twelve_bits_of_the_hash() {
        let name = TokenHash([0xff; 32]).slot();
        assert_eq!(name, "fff");
        assert_eq!(TokenHash([0; 32]).slot(), "000");
    }
}
