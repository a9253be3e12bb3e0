//! The state of the keys of an issuer, as the instance caches it and as it is stored for other
//! instances.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    auth::{
        algorithm::Algorithm,
        key_set::{Jwks, KeySet},
        lifetime,
    },
    timestamp::Timestamp,
};

/// The time after the last fetch during which failed fetches keep a set in use.
pub(super) const OUTAGE_SECONDS: i64 = 3600;
/// The shortest time between two fetches because of an unknown `kid`.
pub(super) const UNKNOWN_KEY_FLOOR_SECONDS: i64 = 10;
/// The shortest time between a failed fetch and the next one.
pub(super) const FAILURE_FLOOR_SECONDS: i64 = 2;
/// The tolerated difference between the clocks of two instances.
const SKEW_SECONDS: i64 = 10;

#[derive(Debug, Clone, Default)]
pub(super) struct State {
    pub(super) set: Option<CachedSet>,
    /// The time of the last failed fetch, if it is later than the last successful one.
    pub(super) failed_at: Option<Timestamp>,
    /// The time of the last fetch because of an unknown `kid`.
    pub(super) unknown_key_at: Option<Timestamp>,
}

/// A set, with the time and content of its fetch.
#[derive(Debug, Clone)]
pub(super) struct CachedSet {
    pub(super) keys: Arc<KeySet>,
    pub(super) jwks: Arc<str>,
    pub(super) fetched_at: Timestamp,
    /// In seconds.
    pub(super) lifetime: i64,
}

/// The stored form of a state.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredState<'a> {
    #[serde(borrow)]
    set: Option<StoredSet<'a>>,
    failed_at: Option<Timestamp>,
    #[serde(rename = "askedForUnknownAt")]
    unknown_key_at: Option<Timestamp>,
}

/// The stored form of a set.

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredSet<'a> {
    fetched_at: Timestamp,
    lifetime: i64,
    #[serde(borrow)]
    jwks: std::borrow::Cow<'a, str>,
}

impl State {
    /// Returns the JSON to store.
    pub(super) fn to_json(&self) -> Option<Vec<u8>> {
        let stored = StoredState {
            set: self.set.as_ref().map(|set| StoredSet {
                fetched_at: set.fetched_at,
                lifetime: set.lifetime,
                jwks: set.jwks.as_ref().into(),
            }),
            failed_at: self.failed_at,
            unknown_key_at: self.unknown_key_at,
        };
        serde_json::to_vec(&stored).ok()
    }

    /// Merges a stored state, as far as it is newer and plausible: a time that is ahead of this clock
    /// by more than [`SKEW_SECONDS`] counts as absent, and lifetimes are clamped.
    pub(super) fn merge_stored(
        &mut self,
        json: &[u8],
        allowed: Option<&[Algorithm]>,
        now: Timestamp,
    ) {
        let Ok(stored) = serde_json::from_slice::<StoredState<'_>>(json) else {
            return;
        };
        let plausible = |at: Option<Timestamp>| {
            at.filter(|at| *at <= now.plus_seconds(SKEW_SECONDS))
                .map(|at| at.min(now))
        };
        let unknown_key_at = plausible(stored.unknown_key_at);
        self.unknown_key_at = self.unknown_key_at.max(unknown_key_at);
        let known_at = self.fetched_at();
        if let Some(set) = stored.set
            && let Some(fetched_at) = plausible(Some(set.fetched_at))
            && Some(fetched_at) > known_at
            && let Ok(jwks) = Jwks::of_json(set.jwks.as_bytes())
        {
            self.set = Some(CachedSet {
                keys: Arc::new(jwks.read(allowed).any_number()),
                jwks: set.jwks.as_ref().into(),
                fetched_at,
                lifetime: lifetime::clamped(set.lifetime),
            });
        }
        let fetched_at = self.fetched_at();
        self.failed_at = self
            .failed_at
            .max(plausible(stored.failed_at))
            .filter(|failed_at| Some(*failed_at) > fetched_at);
    }

    /// Returns whether the last failure is long enough ago for a fetch.
    pub(super) fn may_fetch(&self, now: Timestamp) -> bool {
        self.failed_at
            .is_none_or(|at| now.seconds_apart(at) >= FAILURE_FLOOR_SECONDS)
    }

    /// Returns whether an unknown `kid` may cause a fetch. Only successful fetches count, so that
    /// new keys of an issuer are accepted as soon as an outage is over.
    pub(super) fn may_fetch_for_unknown_key(&self, now: Timestamp) -> bool {
        self.unknown_key_at.is_none_or(|at| {
            let has_succeeded = self.fetched_at() >= Some(at);
            !has_succeeded || now.seconds_apart(at) >= UNKNOWN_KEY_FLOOR_SECONDS
        })
    }

    fn fetched_at(&self) -> Option<Timestamp> {
        self.set.as_ref().map(|set| set.fetched_at)
    }
}

impl CachedSet {
    fn age(&self, now: Timestamp) -> i64 {
        now.seconds_apart(self.fetched_at)
    }

    /// Returns whether the set is within its lifetime.
    pub(super) fn is_fresh(&self, now: Timestamp) -> bool {
        self.age(now) < self.lifetime
    }

    /// Returns whether the set is in the last fifth of its lifetime, or beyond it.
    pub(super) fn is_due_for_refresh(&self, now: Timestamp) -> bool {
        self.age(now) * 5 >= self.lifetime * 4
    }

    /// Returns whether the set may be used while fetches fail.
    pub(super) fn is_usable_in_outage(&self, now: Timestamp) -> bool {
        self.age(now) < OUTAGE_SECONDS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-06-01T12:00:00Z";

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn state_of(json: &str) -> State {
        let mut state = State::default();
        state.merge_stored(json.as_bytes(), None, at(NOW));
        state
    }

    fn set(fetched_at: &str, lifetime: i64) -> String {
        format!(
            r#"{{"set":{{"fetchedAt":"{fetched_at}","lifetime":{lifetime},
                "jwks":"{{\"keys\":[]}}"}}}}"#
        )
    }

    #[test]
    fn set_from_the_future_is_ignored() {
        for (fetched_at, expected) in [
            ("2026-06-01T11:59:00Z", Some("2026-06-01T11:59:00Z")),
            ("2026-06-01T12:00:00Z", Some(NOW)),
            ("2026-06-01T12:00:10Z", Some(NOW)),
            ("2026-06-01T12:00:11Z", None),
            ("9999-12-31T23:59:59Z", None),
        ] {
            let merged = state_of(&set(fetched_at, 60)).set;
            assert_eq!(merged.map(|set| set.fetched_at), expected.map(at));
        }
    }

    #[test]
    fn lifetime_is_clamped() {
        for (stored, expected) in [
            (60, 60),
            (0, 5),
            (-1, 5),
            (i64::MIN, 5),
            (301, 300),
            (i64::MAX, 300),
        ] {
            let merged = state_of(&set(NOW, stored)).set.unwrap();
            assert_eq!(merged.lifetime, expected, "{stored}");
        }
    }

    #[test]
    fn failures_and_unknown_keys_from_the_future_are_ignored() {
        for (stored, expected) in [
            ("2026-06-01T11:59:59Z", Some("2026-06-01T11:59:59Z")),
            ("2026-06-01T12:00:05Z", Some(NOW)),
            ("2026-06-01T12:01:00Z", None),
        ] {
            let state = state_of(&format!(
                r#"{{"failedAt":"{stored}","askedForUnknownAt":"{stored}"}}"#
            ));
            assert_eq!(state.failed_at, expected.map(at), "{stored}");
            assert_eq!(state.unknown_key_at, expected.map(at), "{stored}");
        }
    }

    #[test]
    fn newer_set_without_a_usable_key_replaces_an_older_one() {
        let mut state = state_of(&set("2026-06-01T11:58:00Z", 60));
        let newer = set("2026-06-01T11:59:00Z", 60).replace("[]", "[null]");
        state.merge_stored(newer.as_bytes(), None, at(NOW));
        let merged = state.set.clone().unwrap();
        assert_eq!(merged.fetched_at, at("2026-06-01T11:59:00Z"));
        assert_eq!(merged.keys.fingerprints().count(), 0);
        // An older set and other JSON change nothing.
        for json in [&*set("2026-06-01T11:58:30Z", 60), "", "[]", "{}", "null"] {
            state.merge_stored(json.as_bytes(), None, at(NOW));
            assert_eq!(state.set.as_ref().unwrap().jwks, merged.jwks, "{json}");
        }
    }

    #[test]
    fn stored_state_is_read_as_written() {
        let mut state = state_of(&set("2026-06-01T11:58:00Z", 60));
        state.failed_at = Some(at("2026-06-01T11:59:00Z"));
        state.unknown_key_at = Some(at("2026-06-01T11:59:30Z"));
        let json = String::from_utf8(state.to_json().unwrap()).unwrap();
        let read = state_of(&json);
        assert_eq!(read.to_json(), state.to_json());
        assert_eq!(read.failed_at, state.failed_at);
    }

    #[test]
    fn only_a_successful_fetch_delays_the_next_for_an_unknown_key() {
        let with_unknown_key = |state: State| State {
            unknown_key_at: Some(at("2026-06-01T11:59:55Z")),
            ..state
        };
        let never = State::default();
        assert!(never.may_fetch_for_unknown_key(at(NOW)));
        let before = with_unknown_key(state_of(&set("2026-06-01T11:59:54Z", 60)));
        assert!(before.may_fetch_for_unknown_key(at(NOW)));
        let after = with_unknown_key(state_of(&set("2026-06-01T11:59:56Z", 60)));
        assert!(!after.may_fetch_for_unknown_key(at(NOW)));
        assert!(after.may_fetch_for_unknown_key(at("2026-06-01T12:00:05Z")));
        assert!(with_unknown_key(never).may_fetch_for_unknown_key(at(NOW)));
    }
}
