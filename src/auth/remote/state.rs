//! What is known of an issuer's keys: in the instance, and in the store for other instances.

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

/// For how long an issuer may be down.
pub(super) const OUTAGE_SECONDS: i64 = 3600;
/// How often an unknown `kid` may have the set fetched.
pub(super) const UNKNOWN_KEY_FLOOR_SECONDS: i64 = 10;
/// How often an issuer that is down is asked again.
pub(super) const FAILURE_FLOOR_SECONDS: i64 = 2;
/// How far the clocks of two instances may differ.
const SKEW_SECONDS: i64 = 10;

#[derive(Debug, Clone, Default)]
pub(super) struct State {
    pub(super) set: Option<Held>,
    /// When the issuer was last asked in vain, if that was after the set was fetched.
    pub(super) failed_at: Option<Timestamp>,
    /// When the set was last asked for because of an unknown `kid`.
    pub(super) asked_for_unknown_at: Option<Timestamp>,
}

/// A set with its age.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) keys: Arc<KeySet>,
    pub(super) jwks: Arc<str>,
    pub(super) fetched_at: Timestamp,
    pub(super) lifetime: i64,
}

/// A state as it is kept in the store.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored<'a> {
    #[serde(borrow)]
    set: Option<StoredSet<'a>>,
    failed_at: Option<Timestamp>,
    asked_for_unknown_at: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredSet<'a> {
    fetched_at: Timestamp,
    lifetime: i64,
    #[serde(borrow)]
    jwks: std::borrow::Cow<'a, str>,
}

impl State {
    /// Returns the state as JSON for the store.
    pub(super) fn to_json(&self) -> Option<Vec<u8>> {
        let stored = Stored {
            set: self.set.as_ref().map(|held| StoredSet {
                fetched_at: held.fetched_at,
                lifetime: held.lifetime,
                jwks: held.jwks.as_ref().into(),
            }),
            failed_at: self.failed_at,
            asked_for_unknown_at: self.asked_for_unknown_at,
        };
        serde_json::to_vec(&stored).ok()
    }

    /// Takes over what another instance has stored, as far as it is newer and can be true: an
    /// instant ahead of this clock by more than [`SKEW_SECONDS`] counts as absent, and a lifetime
    /// is held within its bounds.
    pub(super) fn take_over(&mut self, json: &[u8], allowed: Option<&[Algorithm]>, now: Timestamp) {
        let Ok(stored) = serde_json::from_slice::<Stored<'_>>(json) else {
            return;
        };
        let believed = |at: Option<Timestamp>| {
            at.filter(|at| *at <= now.plus_seconds(SKEW_SECONDS))
                .map(|at| at.min(now))
        };
        let asked_at = believed(stored.asked_for_unknown_at);
        self.asked_for_unknown_at = self.asked_for_unknown_at.max(asked_at);
        let known_at = self.fetched_at();
        if let Some(set) = stored.set
            && let Some(fetched_at) = believed(Some(set.fetched_at))
            && Some(fetched_at) > known_at
            && let Ok(jwks) = Jwks::of_json(set.jwks.as_bytes())
        {
            self.set = Some(Held {
                keys: Arc::new(jwks.read(allowed).any()),
                jwks: set.jwks.as_ref().into(),
                fetched_at,
                lifetime: lifetime::clamped(set.lifetime),
            });
        }
        let fetched_at = self.fetched_at();
        self.failed_at = self
            .failed_at
            .max(believed(stored.failed_at))
            .filter(|failed_at| Some(*failed_at) > fetched_at);
    }

    /// Tells whether the issuer may be asked, as far as failures go.
    pub(super) fn may_ask(&self, now: Timestamp) -> bool {
        self.failed_at
            .is_none_or(|at| now.seconds_apart(at) >= FAILURE_FLOOR_SECONDS)
    }

    /// Tells whether an unknown `kid` may have the set fetched. Only a fetch that gave a set uses
    /// the turn: while the issuer is down, its new keys are not to wait for longer than it is.
    pub(super) fn may_ask_for_unknown(&self, now: Timestamp) -> bool {
        self.asked_for_unknown_at.is_none_or(|at| {
            let gave_a_set = self.fetched_at() >= Some(at);
            !gave_a_set || now.seconds_apart(at) >= UNKNOWN_KEY_FLOOR_SECONDS
        })
    }

    fn fetched_at(&self) -> Option<Timestamp> {
        self.set.as_ref().map(|held| held.fetched_at)
    }
}

impl Held {
    fn age(&self, now: Timestamp) -> i64 {
        now.seconds_apart(self.fetched_at)
    }

    /// Tells whether the set is within its lifetime.
    pub(super) fn is_fresh(&self, now: Timestamp) -> bool {
        self.age(now) < self.lifetime
    }

    /// Tells whether the set is in the last fifth of its lifetime, or beyond it.
    pub(super) fn is_ageing(&self, now: Timestamp) -> bool {
        self.age(now) * 5 >= self.lifetime * 4
    }

    /// Tells whether the set may still be used while its issuer is down.
    pub(super) fn survives_outage(&self, now: Timestamp) -> bool {
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

    fn taken_over(json: &str) -> State {
        let mut state = State::default();
        state.take_over(json.as_bytes(), None, at(NOW));
        state
    }

    fn set(fetched_at: &str, lifetime: i64) -> String {
        format!(
            r#"{{"set":{{"fetchedAt":"{fetched_at}","lifetime":{lifetime},
                "jwks":"{{\"keys\":[]}}"}}}}"#
        )
    }

    #[test]
    fn a_set_from_the_future_is_absent() {
        for (fetched_at, expected) in [
            ("2026-06-01T11:59:00Z", Some("2026-06-01T11:59:00Z")),
            ("2026-06-01T12:00:00Z", Some(NOW)),
            ("2026-06-01T12:00:10Z", Some(NOW)),
            ("2026-06-01T12:00:11Z", None),
            ("9999-12-31T23:59:59Z", None),
        ] {
            let held = taken_over(&set(fetched_at, 60)).set;
            assert_eq!(held.map(|held| held.fetched_at), expected.map(at));
        }
    }

    #[test]
    fn a_lifetime_is_within_its_bounds() {
        for (stored, expected) in [
            (60, 60),
            (0, 5),
            (-1, 5),
            (i64::MIN, 5),
            (301, 300),
            (i64::MAX, 300),
        ] {
            let held = taken_over(&set(NOW, stored)).set.unwrap();
            assert_eq!(held.lifetime, expected, "{stored}");
        }
    }

    #[test]
    fn failures_and_questions_of_the_future_are_absent() {
        for (stored, expected) in [
            ("2026-06-01T11:59:59Z", Some("2026-06-01T11:59:59Z")),
            ("2026-06-01T12:00:05Z", Some(NOW)),
            ("2026-06-01T12:01:00Z", None),
        ] {
            let state = taken_over(&format!(
                r#"{{"failedAt":"{stored}","askedForUnknownAt":"{stored}"}}"#
            ));
            assert_eq!(state.failed_at, expected.map(at), "{stored}");
            assert_eq!(state.asked_for_unknown_at, expected.map(at), "{stored}");
        }
    }

    #[test]
    fn a_set_without_a_usable_key_replaces_an_older_one() {
        let mut state = taken_over(&set("2026-06-01T11:58:00Z", 60));
        let newer = set("2026-06-01T11:59:00Z", 60).replace("[]", "[null]");
        state.take_over(newer.as_bytes(), None, at(NOW));
        let held = state.set.clone().unwrap();
        assert_eq!(held.fetched_at, at("2026-06-01T11:59:00Z"));
        assert_eq!(held.keys.fingerprints().count(), 0);
        // An older one, and what is not a state, change nothing.
        for json in [&*set("2026-06-01T11:58:30Z", 60), "", "[]", "{}", "null"] {
            state.take_over(json.as_bytes(), None, at(NOW));
            assert_eq!(state.set.as_ref().unwrap().jwks, held.jwks, "{json}");
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let mut state = taken_over(&set("2026-06-01T11:58:00Z", 60));
        state.failed_at = Some(at("2026-06-01T11:59:00Z"));
        state.asked_for_unknown_at = Some(at("2026-06-01T11:59:30Z"));
        let json = String::from_utf8(state.to_json().unwrap()).unwrap();
        let read = taken_over(&json);
        assert_eq!(read.to_json(), state.to_json());
        assert_eq!(read.failed_at, state.failed_at);
    }

    #[test]
    fn only_a_fetch_that_gave_a_set_uses_the_turn_of_an_unknown_key() {
        let asked_at = |state: State| State {
            asked_for_unknown_at: Some(at("2026-06-01T11:59:55Z")),
            ..state
        };
        let never = State::default();
        assert!(never.may_ask_for_unknown(at(NOW)));
        let before = asked_at(taken_over(&set("2026-06-01T11:59:54Z", 60)));
        assert!(before.may_ask_for_unknown(at(NOW)));
        let after = asked_at(taken_over(&set("2026-06-01T11:59:56Z", 60)));
        assert!(!after.may_ask_for_unknown(at(NOW)));
        assert!(after.may_ask_for_unknown(at("2026-06-01T12:00:05Z")));
        assert!(asked_at(never).may_ask_for_unknown(at(NOW)));
    }
}
