//! Verified tokens that instances share through the store.
//!
//! Hosts give an instance 128 requests, and an RSA verification costs about as much as those cost
//! the component in all else. So an instance leaves a token that it has verified to others, with
//! the next order that it stores: a write of its own would cost more than it saves.
//!
//! An entry is found and held against the token by a SHA-256 hash of the whole token and of the
//! configuration of the issuers, so that a token that differs in any byte, and one that another
//! configuration let in, has none. It counts only while the key that verified it is in its issuer's
//! set, and for no longer than the instance that made it would have used it: an entry that says
//! otherwise is not this application's, and counts as absent.
//!
//! A client gains nothing by it. It can add an entry only for a token that was verified, and finds
//! it only with that very token, which would be verified as well. There is one entry for each of
//! [`SLOTS`] ends of hashes, so that no number of tokens fills the store.
//!
//! Another application that can write to the store could forge an entry. With a `trigger_key`, a
//! [`Seal`](super::Seal) authenticates entries; without one, such an application is trusted.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    key::Fingerprint,
    token::{UnverifiedToken, VerifiedToken},
    verified_tokens,
};
use crate::{order::Creator, timestamp::Timestamp};

/// How many entries there are at the most.
const SLOTS: u16 = 4096;

/// A hash of a token, and of the configuration that it is verified by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TokenHash([u8; 32]);

impl TokenHash {
    /// Hashes a token, for issuers that are configured so.
    pub(super) fn of(token: UnverifiedToken<'_>, configuration: [u8; 32]) -> Self {
        let hash = Sha256::new().chain_update(configuration);
        Self(hash.chain_update(token.text()).finalize().into())
    }

    /// Returns the name of its entry, which some other tokens' entries have, too.
    pub(super) fn slot(self) -> String {
        let [.., high, low] = self.0;
        format!("{:03x}", u16::from_be_bytes([high, low]) % SLOTS)
    }

    /// Returns the name that its entry is sealed for.
    pub(super) fn stored_name(self) -> String {
        format!("token:{}", self.slot())
    }
}

/// A token that some instance has verified.
pub(super) struct SharedToken {
    pub(super) token: VerifiedToken,
    pub(super) key: Fingerprint,
    /// To when it need not be verified again.
    pub(super) until: Timestamp,
}

/// An entry in the store.
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
    /// Returns what an entry says of this token; None if it is about another one, or over, or is
    /// to count for longer than any entry may.
    pub(super) fn read(json: &[u8], hash: TokenHash, now: Timestamp) -> Option<Self> {
        let entry: Entry = serde_json::from_slice(json).ok()?;
        let latest = verified_tokens::latest(entry.expires_at, now);
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

    /// Returns the entry of a token.
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
    fn an_entry_says_what_was_verified() {
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
    fn it_is_of_one_token_under_one_configuration_and_for_a_time() {
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
    fn it_counts_for_no_longer_than_any_entry_may() {
        let hash = hash("a.b.c", 1);
        for (until, expires_in, counts) in [
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
            assert_eq!(read.is_some(), counts, "{until} {expires_in}");
        }
    }

    #[test]
    fn there_are_so_many_names() {
        let name = TokenHash([0xff; 32]).slot();
        assert_eq!(name, "fff");
        assert_eq!(TokenHash([0; 32]).slot(), "000");
    }
}
