//! Keys that an issuer serves at a URL.
//!
//! A set is fetched once and kept: in the instance, and in the store for other instances.
//!
//! - It is used as it is for its **lifetime**: what the issuer's `Cache-Control: max-age` says,
//!   held between [`MIN_LIFETIME_SECONDS`] and [`MAX_LIFETIME_SECONDS`]. In the last fifth of it,
//!   a request has the set fetched behind its response.
//! - Beyond its lifetime it is fetched before it is used. That bounds for how long a withdrawn key
//!   is still accepted.
//! - While the issuer is **down**, the old set serves on, [`OUTAGE_SECONDS`] from its last fetch;
//!   then there are no keys, which is an outage and no fault of a token.
//! - An **unknown `kid`** has the set fetched at once, but not twice within
//!   [`UNKNOWN_KEY_FLOOR_SECONDS`], whatever tokens are sent.
//!
//! The store also keeps when the issuer was last asked in vain and for an unknown `kid`: instances
//! are short-lived, and the floors are to hold for all of them together.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use http::Uri;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    algorithm::Algorithm,
    host::{Fetched, KeyHost},
    key_set::KeySet,
};
use crate::{log, timestamp::Timestamp};

/// A set is used at least so long, so that an issuer's odd `max-age` makes no stream of fetches.
const MIN_LIFETIME_SECONDS: i64 = 5;
/// A set is used at most so long, and so long where the issuer does not say.
const MAX_LIFETIME_SECONDS: i64 = 300;
/// For how long an issuer may be down.
const OUTAGE_SECONDS: i64 = 3600;
/// How often an unknown `kid` may have the set fetched.
const UNKNOWN_KEY_FLOOR_SECONDS: i64 = 10;
/// How often an issuer that is down is asked again.
const FAILURE_FLOOR_SECONDS: i64 = 2;

/// How often a request looks whether the fetch of another one has ended.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// The keys of one issuer, at a URL.
#[derive(Debug)]
pub(super) struct RemoteKeys {
    url: String,
    name: String,
    allowed: Option<Vec<Algorithm>>,
    state: Mutex<State>,
    /// Whether a request is fetching, so that others wait for it instead of fetching too.
    fetching: AtomicBool,
}

#[derive(Debug, Clone, Default)]
struct State {
    set: Option<Held>,
    failed_at: Option<Timestamp>,
    asked_for_unknown_at: Option<Timestamp>,
    loaded: bool,
}

/// A set with its age.
#[derive(Debug, Clone)]
struct Held {
    keys: Arc<KeySet>,
    jwks: Arc<str>,
    fetched_at: Timestamp,
    lifetime: i64,
}

/// A state as it is kept in the store.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    set: Option<StoredSet>,
    failed_at: Option<Timestamp>,
    asked_for_unknown_at: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredSet {
    fetched_at: Timestamp,
    lifetime: i64,
    jwks: String,
}

/// The right to fetch; gone when dropped, also with a request that was given up.
struct Turn<'a>(&'a AtomicBool);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// The issuer cannot be asked, and its old keys are too old.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the keys of an issuer cannot be had")]
pub struct KeysUnavailable;

/// The URL is none that keys may be fetched from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("jwks_uri must be an https URL (or http to a loopback address, in development)")]
pub struct NotAKeyUrl;

impl RemoteKeys {
    /// Keys at a URL: `https`, or `http` to a loopback address.
    pub(super) fn at(url: &str, allowed: Option<&[Algorithm]>) -> Result<Self, NotAKeyUrl> {
        let uri: Uri = url.parse().map_err(|_| NotAKeyUrl)?;
        let host = uri.host().ok_or(NotAKeyUrl)?;
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if is_loopback(host) => {}
            _ => return Err(NotAKeyUrl),
        }
        let hash = Sha256::digest(url);
        Ok(Self {
            url: url.to_owned(),
            name: hash[..16]
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
            allowed: allowed.map(<[_]>::to_vec),
            state: Mutex::default(),
            fetching: AtomicBool::new(false),
        })
    }

    /// Where they are.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// The keys that hold now.
    pub(super) async fn current(
        self: &Arc<Self>,
        host: &impl KeyHost,
    ) -> Result<Arc<KeySet>, KeysUnavailable> {
        let now = Timestamp::now();
        if !self.lock().loaded {
            self.take_over(host);
        }
        match self.held() {
            Some(held) if held.is_fresh(now) => {
                if held.is_ageing(now) && self.may_ask(now) {
                    let keys = Arc::clone(self);
                    host.spawn(move |host| async move {
                        let _ = keys.fetch(&host, now).await;
                    });
                }
                Ok(held.keys)
            }
            held => match self.fetch(host, now).await {
                Ok(keys) => Ok(keys),
                Err(unavailable) => held
                    .filter(|held| held.survives_outage(now))
                    .map(|held| held.keys)
                    .ok_or(unavailable),
            },
        }
    }

    /// The keys after an unknown `kid` came up: fetched anew, if that may be. An outage is told
    /// from a set that just does not have the key.
    pub(super) async fn renewed(
        &self,
        host: &impl KeyHost,
    ) -> Result<Arc<KeySet>, KeysUnavailable> {
        let now = Timestamp::now();
        // A fetch that is under way has an answer for this request, too.
        let turn = self.turn(host).await;
        if self.may_ask_for_unknown(now) {
            self.take_over(host);
        }
        if self.may_ask_for_unknown(now) {
            self.lock().asked_for_unknown_at = Some(now);
            self.leave(host);
            return self.ask(host, turn).await;
        }
        let state = self.lock();
        match &state.set {
            Some(held) if state.failed_at.is_none() => Ok(Arc::clone(&held.keys)),
            _ => Err(KeysUnavailable),
        }
    }

    /// Fetches the set, unless that has been done since `asked_at`.
    async fn fetch(
        &self,
        host: &impl KeyHost,
        asked_at: Timestamp,
    ) -> Result<Arc<KeySet>, KeysUnavailable> {
        let turn = self.turn(host).await;
        self.take_over(host);
        if let Some(held) = self.held().filter(|held| held.fetched_at > asked_at) {
            return Ok(held.keys);
        }
        self.ask(host, turn).await
    }

    /// Waits until no other request is fetching, which each does for a bounded time. It looks again
    /// and again, since no request of an instance can be woken by another one (wit-bindgen without
    /// `inter-task-wakeup`, as spin-sdk has it, ends the instance).
    async fn turn(&self, host: &impl KeyHost) -> Turn<'_> {
        while self.fetching.swap(true, Ordering::Acquire) {
            host.sleep(LOOK_AGAIN).await;
        }
        Turn(&self.fetching)
    }

    async fn ask(
        &self,
        host: &impl KeyHost,
        _turn: Turn<'_>,
    ) -> Result<Arc<KeySet>, KeysUnavailable> {
        if !self.may_ask(Timestamp::now()) {
            return Err(KeysUnavailable);
        }
        let fetched = host.fetch(&self.url).await;
        let now = Timestamp::now();
        let set = fetched
            .map_err(|error| error.to_string())
            .and_then(|fetched| self.read(&fetched, now));
        let keys = match set {
            Ok(held) => {
                let keys = Arc::clone(&held.keys);
                let mut state = self.lock();
                state.failed_at = None;
                state.set = Some(held);
                Ok(keys)
            }
            Err(reason) => {
                log::error("keys of an issuer cannot be fetched", &reason);
                self.lock().failed_at = Some(now);
                Err(KeysUnavailable)
            }
        };
        self.leave(host);
        keys
    }

    fn read(&self, fetched: &Fetched, now: Timestamp) -> Result<Held, String> {
        let keys = KeySet::of_json(&fetched.body, self.allowed.as_deref());
        Ok(Held {
            keys: Arc::new(keys.map_err(|error| error.to_string())?),
            jwks: String::from_utf8_lossy(&fetched.body).into(),
            fetched_at: now,
            lifetime: fetched
                .max_age
                .unwrap_or(MAX_LIFETIME_SECONDS)
                .clamp(MIN_LIFETIME_SECONDS, MAX_LIFETIME_SECONDS),
        })
    }

    /// Leaves the state to other instances.
    fn leave(&self, host: &impl KeyHost) {
        let state = self.lock().clone();
        let stored = Stored {
            set: state.set.map(|held| StoredSet {
                fetched_at: held.fetched_at,
                lifetime: held.lifetime,
                jwks: held.jwks.as_ref().to_owned(),
            }),
            failed_at: state.failed_at,
            asked_for_unknown_at: state.asked_for_unknown_at,
        };
        if let Ok(json) = serde_json::to_vec(&stored) {
            host.store_keys(&self.name, json);
        }
    }

    /// Takes over what other instances have learnt since.
    fn take_over(&self, host: &impl KeyHost) {
        let stored = host.stored_keys(&self.name);
        let stored: Option<Stored> = stored.and_then(|json| serde_json::from_slice(&json).ok());
        let mut state = self.lock();
        state.loaded = true;
        let Some(stored) = stored else {
            return;
        };
        state.asked_for_unknown_at = state.asked_for_unknown_at.max(stored.asked_for_unknown_at);
        let known_at = state.set.as_ref().map(|held| held.fetched_at);
        let newer = stored.set.filter(|set| Some(set.fetched_at) > known_at);
        if let Some(set) = newer
            && let Ok(keys) = KeySet::of_json(set.jwks.as_bytes(), self.allowed.as_deref())
        {
            state.set = Some(Held {
                keys: Arc::new(keys),
                jwks: set.jwks.into(),
                fetched_at: set.fetched_at,
                lifetime: set.lifetime,
            });
        }
        let fetched_at = state.set.as_ref().map(|held| held.fetched_at);
        state.failed_at = state
            .failed_at
            .max(stored.failed_at)
            .filter(|failed_at| Some(*failed_at) > fetched_at);
    }

    fn held(&self) -> Option<Held> {
        self.lock().set.clone()
    }

    fn may_ask(&self, now: Timestamp) -> bool {
        let failed_at = self.lock().failed_at;
        failed_at.is_none_or(|at| now.seconds_apart(at) >= FAILURE_FLOOR_SECONDS)
    }

    fn may_ask_for_unknown(&self, now: Timestamp) -> bool {
        let asked_at = self.lock().asked_for_unknown_at;
        asked_at.is_none_or(|at| now.seconds_apart(at) >= UNKNOWN_KEY_FLOOR_SECONDS)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn age(&self, now: Timestamp) -> i64 {
        now.seconds_apart(self.fetched_at)
    }

    fn is_fresh(&self, now: Timestamp) -> bool {
        self.age(now) < self.lifetime
    }

    fn is_ageing(&self, now: Timestamp) -> bool {
        self.age(now) * 5 >= self.lifetime * 4
    }

    fn survives_outage(&self, now: Timestamp) -> bool {
        self.age(now) < OUTAGE_SECONDS
    }
}

fn is_loopback(host: &str) -> bool {
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || literal
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}
