//! The keys of an issuer that serves them at a URL.
//!
//! A fetched set is cached in the instance, and stored for other instances.
//!
//! - During its **lifetime** (see [`lifetime`](super::lifetime)) the set is used without a fetch. In
//!   the last fifth of the lifetime, a request starts a fetch that does not delay its response.
//! - After its lifetime the set is fetched before it is used, so that a **withdrawn** key is no
//!   longer accepted. A well-formed set replaces the old one even if none of its keys is usable.
//! - Only **failed fetches** keep an old set in use, for at most an hour after its last fetch. After
//!   that the issuer is unavailable, although its tokens may be valid. Requests do not wait for a
//!   failing issuer: a request waits for a fetch for at most [`PATIENCE`], and not at all if the last
//!   fetch failed. The fetch continues after the response.
//! - An **unknown `kid`** causes a fetch at once, but at most one within
//!   [`UNKNOWN_KEY_FLOOR_SECONDS`](state::UNKNOWN_KEY_FLOOR_SECONDS), whatever tokens clients send.
//!
//! The times of the last failure and of the last unknown `kid` are stored too: instances are
//! short-lived, and the limits apply to all of them together. Another instance, or another
//! application (see [`Seal`]), may have written the stored state. It is used only as far as it is
//! plausible.

mod key_url;
mod state;

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

pub use self::key_url::NotAKeyUrl;
use self::state::{CachedSet, State};
use super::{
    algorithm::Algorithm,
    host::{Fetched, KeyHost},
    key_owners::KeyOwner,
    key_set::{Jwks, KeySet},
    lifetime,
    rejection::RejectionReason,
    seal::Seal,
};
use crate::{digest::half_sha256, log, timestamp::Timestamp};

/// The longest time that a request waits for a fetch while the old set is still usable.
const PATIENCE: Duration = Duration::from_millis(500);

/// The interval at which a request checks whether a fetch has ended.
///
/// Requests poll instead of waking each other: wit-bindgen without its feature
/// `inter-task-wakeup`, as spin-sdk 7 builds it, traps if one task wakes another. Replace this by an
/// async mutex when spin-sdk enables the feature.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// The keys of one issuer, at a URL.
#[derive(Debug)]
pub(super) struct RemoteKeys {
    url: String,
    /// The hash of the URL, which names the stored state.
    hash: String,
    allowed: Option<Vec<Algorithm>>,
    owner: KeyOwner,
    seal: Arc<Seal>,
    state: Mutex<State>,
    /// Whether the stored state has been read.
    is_loaded: AtomicBool,
    /// Whether a request is fetching. Other requests wait for it.
    is_fetching: AtomicBool,
    /// Whether the current fetch has taken longer than [`PATIENCE`].
    is_slow: AtomicBool,
}

/// The exclusive right to fetch. Dropping it releases it, also if its request is cancelled.
struct FetchGuard(Arc<RemoteKeys>);

impl Drop for FetchGuard {
    fn drop(&mut self) {
        self.0.is_slow.store(false, Ordering::Release);
        self.0.is_fetching.store(false, Ordering::Release);
    }
}

impl RemoteKeys {
    /// Creates the keys at a URL: `https`, or `http` to a loopback address.
    pub(super) fn new(
        url: &str,
        allowed: Option<&[Algorithm]>,
        owner: KeyOwner,
        seal: Arc<Seal>,
    ) -> Result<Self, NotAKeyUrl> {
        key_url::check(url)?;
        Ok(Self {
            url: url.to_owned(),
            hash: format!("{:032x}", half_sha256(&[url.as_bytes()])),
            allowed: allowed.map(<[_]>::to_vec),
            owner,
            seal,
            state: Mutex::default(),
            is_loaded: AtomicBool::new(false),
            is_fetching: AtomicBool::new(false),
            is_slow: AtomicBool::new(false),
        })
    }

    /// Returns the current keys.
    pub(super) async fn current(
        self: &Arc<Self>,
        host: &impl KeyHost,
    ) -> Result<Arc<KeySet>, RejectionReason> {
        let now = host.now();
        if !self.is_loaded.load(Ordering::Acquire) {
            self.load_stored(host, now);
        }
        match self.cached() {
            Some(cached) if cached.is_fresh(now) => {
                if cached.is_due_for_refresh(now) {
                    self.refresh(host, now);
                }
                Ok(cached.keys)
            }
            Some(cached) if cached.is_usable_in_outage(now) => {
                let has_failed = self.lock().failed_at.is_some();
                self.refresh(host, now);
                if !has_failed {
                    self.wait_briefly(host).await;
                }
                Ok(self.cached().map_or(cached.keys, |cached| cached.keys))
            }
            _ => {
                let guard = self.lock_fetch(host).await;
                self.fetch_unless_newer(guard, host, now).await
            }
        }
    }

    /// Returns the keys after a token with an unknown `kid`. Fetches them again if the limits allow.
    /// In an outage it returns an error: the token may be valid.
    pub(super) async fn after_unknown_key(
        self: &Arc<Self>,
        host: &impl KeyHost,
    ) -> Result<Arc<KeySet>, RejectionReason> {
        let started_at = host.now();
        let guard = self.lock_fetch(host).await;
        // A fetch that was under way has the answer for this request too.
        if let Some(cached) = self.fetched_after(started_at) {
            return Ok(cached.keys);
        }
        let now = host.now();
        if self.lock().may_fetch_for_unknown_key(now) {
            self.load_stored(host, now);
        }
        {
            let mut state = self.lock();
            if !state.may_fetch_for_unknown_key(now) || !state.may_fetch(now) {
                return match &state.set {
                    Some(cached) if state.failed_at.is_none() => Ok(Arc::clone(&cached.keys)),
                    _ => Err(RejectionReason::KeysUnavailable),
                };
            }
            state.unknown_key_at = Some(now);
        }
        self.fetch(guard, host).await
    }

    /// Loads the stored state if the cached set is not fresh.
    pub(super) fn poll_store(&self, host: &impl KeyHost, now: Timestamp) {
        if !self.cached().is_some_and(|cached| cached.is_fresh(now)) {
            self.load_stored(host, now);
        }
    }

    /// Starts a fetch that may outlast the response, unless one is under way or has just failed.
    fn refresh(self: &Arc<Self>, host: &impl KeyHost, now: Timestamp) {
        if !self.lock().may_fetch(now) {
            return;
        }
        let Some(guard) = self.try_lock_fetch() else {
            return;
        };
        let keys = Arc::clone(self);
        host.spawn(move |host| async move {
            // The fetch itself logs and stores a failure.
            let _ = keys.fetch_unless_newer(guard, &host, now).await;
        });
    }

    /// Waits for the current fetch, for at most [`PATIENCE`].
    async fn wait_briefly(&self, host: &impl KeyHost) {
        let mut waited = Duration::ZERO;
        while self.is_fetching.load(Ordering::Acquire) && !self.is_slow.load(Ordering::Acquire) {
            if waited >= PATIENCE {
                self.is_slow.store(true, Ordering::Release);
                return;
            }
            host.sleep(POLL_INTERVAL).await;
            waited += POLL_INTERVAL;
        }
    }

    /// Fetches the set, unless another request or instance has fetched it since `asked_at`.
    async fn fetch_unless_newer(
        &self,
        guard: FetchGuard,
        host: &impl KeyHost,
        asked_at: Timestamp,
    ) -> Result<Arc<KeySet>, RejectionReason> {
        self.load_stored(host, host.now());
        if let Some(cached) = self.fetched_after(asked_at) {
            return Ok(cached.keys);
        }
        if !self.lock().may_fetch(host.now()) {
            return Err(RejectionReason::KeysUnavailable);
        }
        self.fetch(guard, host).await
    }

    fn try_lock_fetch(self: &Arc<Self>) -> Option<FetchGuard> {
        let was_fetching = self.is_fetching.swap(true, Ordering::AcqRel);
        (!was_fetching).then(|| FetchGuard(Arc::clone(self)))
    }

    /// Waits until no other request is fetching. Each fetch is bounded in time.
    async fn lock_fetch(self: &Arc<Self>, host: &impl KeyHost) -> FetchGuard {
        loop {
            if let Some(guard) = self.try_lock_fetch() {
                return guard;
            }
            host.sleep(POLL_INTERVAL).await;
        }
    }

    /// Fetches the set and stores the result.
    async fn fetch(
        &self,
        _guard: FetchGuard,
        host: &impl KeyHost,
    ) -> Result<Arc<KeySet>, RejectionReason> {
        let fetched = host.fetch(&self.url).await;
        let now = host.now();
        let set = fetched
            .map_err(|error| error.to_string())
            .and_then(|fetched| self.parse(&fetched, now));
        let keys = match set {
            Ok(set) => {
                let keys = Arc::clone(&set.keys);
                let mut state = self.lock();
                state.failed_at = None;
                state.set = Some(set);
                Ok(keys)
            }
            Err(reason) => {
                self.log_error("keys of an issuer cannot be fetched", &reason);
                self.lock().failed_at = Some(now);
                Err(RejectionReason::KeysUnavailable)
            }
        };
        self.publish_keys();
        let json = self.lock().to_json();
        if let Some(json) = json {
            host.store_keys(&self.hash, self.seal.seal(&self.sealed_name(), json));
        }
        keys
    }

    fn parse(&self, fetched: &Fetched, now: Timestamp) -> Result<CachedSet, String> {
        let jwks = Jwks::of_json(&fetched.body).map_err(|error| format!("not a JWKS: {error}"))?;
        let keys = jwks.read(self.allowed.as_deref());
        if let Some(reason) = keys.no_usable_key() {
            self.log_error("an issuer has withdrawn all its keys", &reason);
        }
        Ok(CachedSet {
            keys: Arc::new(keys.any_number()),
            jwks: String::from_utf8_lossy(&fetched.body).into(),
            fetched_at: now,
            lifetime: lifetime::of_response(&fetched.headers),
        })
    }

    /// Merges the stored state, which other instances may have written since.
    fn load_stored(&self, host: &impl KeyHost, now: Timestamp) {
        self.is_loaded.store(true, Ordering::Release);
        let Some(stored) = host.stored_keys(&self.hash) else {
            return;
        };
        if let Some(json) = self.seal.open(&self.sealed_name(), &stored) {
            let allowed = self.allowed.as_deref();
            self.lock().merge_stored(json, allowed, now);
            self.publish_keys();
        }
    }

    /// Updates the keys that other issuers are compared with.
    fn publish_keys(&self) {
        if let Some(cached) = self.cached() {
            self.owner.set_keys(cached.keys.fingerprints());
        }
    }

    fn log_error(&self, event: &'static str, reason: &dyn std::fmt::Display) {
        let issuer = self.owner.issuer();
        log::error(event).issuer(issuer).reason(reason).write();
    }

    /// Returns the name that the stored state is sealed for.
    fn sealed_name(&self) -> String {
        format!("jwks:{}", self.hash)
    }

    fn cached(&self) -> Option<CachedSet> {
        self.lock().set.clone()
    }

    fn fetched_after(&self, time: Timestamp) -> Option<CachedSet> {
        self.cached().filter(|cached| cached.fetched_at > time)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
