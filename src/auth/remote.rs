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

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::lock::Mutex as AsyncMutex;
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

/// The keys of one issuer, at a URL.
#[derive(Debug)]
pub(super) struct RemoteKeys {
    url: String,
    name: String,
    allowed: Option<Vec<Algorithm>>,
    state: Mutex<State>,
    /// Held while fetching, so that requests wait for one fetch instead of making one each.
    fetching: AsyncMutex<()>,
}

#[derive(Debug, Default)]
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
    fetched_at: Timestamp,
    lifetime: i64,
}

/// A set as it is kept in the store.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    fetched_at: Timestamp,
    lifetime: i64,
    jwks: String,
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
            fetching: AsyncMutex::new(()),
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
        self.load(host);
        match self.held() {
            Some(held) if held.is_fresh(now) => {
                if held.is_ageing(now) && self.may_ask_again(now) {
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
        self: &Arc<Self>,
        host: &impl KeyHost,
    ) -> Result<Option<Arc<KeySet>>, KeysUnavailable> {
        let now = Timestamp::now();
        if self.may_ask_for_unknown(now) {
            return self.fetch(host, now).await.map(Some);
        }
        // Another request has just asked: its answer, which may still be under way, is this one's.
        let _answered = self.fetching.lock().await;
        let state = self.lock();
        match state.failed_at {
            Some(_) => Err(KeysUnavailable),
            None => Ok(state.set.as_ref().map(|held| Arc::clone(&held.keys))),
        }
    }

    /// Takes the one chance that there is within [`UNKNOWN_KEY_FLOOR_SECONDS`].
    fn may_ask_for_unknown(&self, now: Timestamp) -> bool {
        let mut state = self.lock();
        let last = state.asked_for_unknown_at;
        if last.is_some_and(|at| now < at.plus_seconds(UNKNOWN_KEY_FLOOR_SECONDS)) {
            return false;
        }
        state.asked_for_unknown_at = Some(now);
        true
    }

    /// Fetches the set, unless another request has since `asked_at`.
    async fn fetch(
        &self,
        host: &impl KeyHost,
        asked_at: Timestamp,
    ) -> Result<Arc<KeySet>, KeysUnavailable> {
        let _alone = self.fetching.lock().await;
        {
            let state = self.lock();
            if let Some(held) = state.set.as_ref().filter(|held| held.fetched_at > asked_at) {
                return Ok(Arc::clone(&held.keys));
            }
        }
        if !self.may_ask_again(Timestamp::now()) {
            return Err(KeysUnavailable);
        }
        let fetched = host.fetch(&self.url).await;
        let now = Timestamp::now();
        let read = fetched
            .map_err(|error| error.to_string())
            .and_then(|fetched| {
                let keys = KeySet::of_json(&fetched.body, self.allowed.as_deref());
                keys.map(|keys| (fetched, keys))
                    .map_err(|error| error.to_string())
            });
        match read {
            Ok((fetched, keys)) => Ok(self.keep(host, fetched, keys, now)),
            Err(reason) => {
                log::error("keys of an issuer cannot be fetched", &reason);
                self.lock().failed_at = Some(now);
                Err(KeysUnavailable)
            }
        }
    }

    fn keep(
        &self,
        host: &impl KeyHost,
        fetched: Fetched,
        keys: KeySet,
        now: Timestamp,
    ) -> Arc<KeySet> {
        let lifetime = fetched
            .max_age
            .unwrap_or(MAX_LIFETIME_SECONDS)
            .clamp(MIN_LIFETIME_SECONDS, MAX_LIFETIME_SECONDS);
        let stored = Stored {
            fetched_at: now,
            lifetime,
            jwks: String::from_utf8_lossy(&fetched.body).into_owned(),
        };
        if let Ok(json) = serde_json::to_vec(&stored) {
            host.store_keys(&self.name, json);
        }
        let keys = Arc::new(keys);
        let mut state = self.lock();
        state.failed_at = None;
        state.loaded = true;
        state.set = Some(Held {
            keys: Arc::clone(&keys),
            fetched_at: now,
            lifetime,
        });
        keys
    }

    /// Takes over what another instance has stored, once.
    fn load(&self, host: &impl KeyHost) {
        if self.lock().loaded {
            return;
        }
        let held = host.stored_keys(&self.name).and_then(|json| {
            let stored: Stored = serde_json::from_slice(&json).ok()?;
            let keys = KeySet::of_json(stored.jwks.as_bytes(), self.allowed.as_deref());
            Some(Held {
                keys: Arc::new(keys.ok()?),
                fetched_at: stored.fetched_at,
                lifetime: stored.lifetime,
            })
        });
        let mut state = self.lock();
        state.loaded = true;
        state.set = held.or(state.set.take());
    }

    fn held(&self) -> Option<Held> {
        self.lock().set.clone()
    }

    fn may_ask_again(&self, now: Timestamp) -> bool {
        let failed_at = self.lock().failed_at;
        failed_at.is_none_or(|at| now >= at.plus_seconds(FAILURE_FLOOR_SECONDS))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn age(&self, now: Timestamp) -> i64 {
        now.unix_seconds() - self.fetched_at.unix_seconds()
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
