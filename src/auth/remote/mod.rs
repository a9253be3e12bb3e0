//! Keys that an issuer serves at a URL.
//!
//! A set is fetched once and kept: in the instance, and in the store for other instances.
//!
//! - It is used as it is for its **lifetime**, see [`lifetime`](super::lifetime). In the last fifth
//!   of it, a request has the set fetched behind its response.
//! - Beyond its lifetime it is fetched before it is used: a key that the issuer has **withdrawn** is
//!   not accepted any more. A well-formed set replaces the old one even if no key in it is usable.
//! - Only **failures to fetch** keep the old set in use, for an hour from its last fetch; then there
//!   are no keys, which is an outage and no fault of a token. No request waits for an issuer that
//!   fails: the fetch goes on behind the response, and a request waits for it only [`PATIENCE`], and
//!   not at all where the last fetch failed.
//! - An **unknown `kid`** has the set fetched at once, but not again within
//!   [`UNKNOWN_KEY_FLOOR_SECONDS`](state::UNKNOWN_KEY_FLOOR_SECONDS), whatever tokens are sent.
//!
//! The store also keeps when the issuer was last asked in vain and for an unknown `kid`: instances
//! are short-lived, and the floors are to hold for all of them together. Another instance, or
//! another application (see [`Seal`]), may have written the stored state: it is believed only where
//! it can be true.

mod key_url;
mod state;

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sha2::{Digest, Sha256};

pub use self::key_url::NotAKeyUrl;
use self::state::{Held, State};
use super::{
    algorithm::Algorithm,
    host::{Fetched, KeyHost},
    issuer::IssuerUnavailable,
    key_holders::Holder,
    key_set::{Jwks, KeySet},
    lifetime,
    seal::Seal,
};
use crate::{log, timestamp::Timestamp};

/// For how long a request waits for a fetch while the old set may still serve.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often a request looks whether a fetch has ended.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// The keys of one issuer, at a URL.
#[derive(Debug)]
pub(super) struct RemoteKeys {
    url: String,
    /// The hash of the URL, which names the stored state.
    hash: String,
    allowed: Option<Vec<Algorithm>>,
    holder: Holder,
    seal: Arc<Seal>,
    state: Mutex<State>,
    /// Whether the stored state has been read.
    loaded: AtomicBool,
    /// Whether a fetch is under way, so that other requests wait for it instead of fetching too.
    fetching: AtomicBool,
    /// Whether the fetch that is under way takes longer than [`PATIENCE`].
    overdue: AtomicBool,
}

/// The right to fetch; gone when dropped, also with a request that was given up.
struct Turn(Arc<RemoteKeys>);

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.overdue.store(false, Ordering::Release);
        self.0.fetching.store(false, Ordering::Release);
    }
}

impl RemoteKeys {
    /// Takes keys at a URL: `https`, or `http` to a loopback address.
    pub(super) fn at(
        url: &str,
        allowed: Option<&[Algorithm]>,
        holder: Holder,
        seal: Arc<Seal>,
    ) -> Result<Self, NotAKeyUrl> {
        key_url::check(url)?;
        let hash = Sha256::digest(url);
        Ok(Self {
            url: url.to_owned(),
            hash: hash[..16]
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
            allowed: allowed.map(<[_]>::to_vec),
            holder,
            seal,
            state: Mutex::default(),
            loaded: AtomicBool::new(false),
            fetching: AtomicBool::new(false),
            overdue: AtomicBool::new(false),
        })
    }

    /// Returns the keys that hold now.
    pub(super) async fn current(
        self: &Arc<Self>,
        host: &impl KeyHost,
    ) -> Result<Arc<KeySet>, IssuerUnavailable> {
        let now = host.now();
        if !self.loaded.load(Ordering::Acquire) {
            self.take_over(host, now);
        }
        match self.held() {
            Some(held) if held.is_fresh(now) => {
                if held.is_ageing(now) {
                    self.refresh(host, now);
                }
                Ok(held.keys)
            }
            Some(held) if held.survives_outage(now) => {
                let fails = self.lock().failed_at.is_some();
                self.refresh(host, now);
                if !fails {
                    self.wait_a_moment(host).await;
                }
                Ok(self.held().map_or(held.keys, |held| held.keys))
            }
            _ => self.fetch(host, now).await,
        }
    }

    /// Returns the keys after an unknown `kid` came up: fetched anew, if that may be. An outage is
    /// told from a set that just does not have the key.
    pub(super) async fn renewed(
        self: &Arc<Self>,
        host: &impl KeyHost,
    ) -> Result<Arc<KeySet>, IssuerUnavailable> {
        let begun = host.now();
        let turn = self.turn(host).await;
        // A fetch that was under way has an answer for this request, too.
        if let Some(held) = self.held().filter(|held| held.fetched_at > begun) {
            return Ok(held.keys);
        }
        let now = host.now();
        if self.lock().may_ask_for_unknown(now) {
            self.take_over(host, now);
        }
        {
            let mut state = self.lock();
            if !state.may_ask_for_unknown(now) || !state.may_ask(now) {
                return match &state.set {
                    Some(held) if state.failed_at.is_none() => Ok(Arc::clone(&held.keys)),
                    _ => Err(IssuerUnavailable),
                };
            }
            state.asked_for_unknown_at = Some(now);
        }
        self.ask(host, turn).await
    }

    /// Takes over what other instances have learnt since, unless the set is within its lifetime.
    pub(super) fn look(&self, host: &impl KeyHost, now: Timestamp) {
        if !self.held().is_some_and(|held| held.is_fresh(now)) {
            self.take_over(host, now);
        }
    }

    /// Has the set fetched behind the response, unless a fetch is under way or has just failed.
    fn refresh(self: &Arc<Self>, host: &impl KeyHost, now: Timestamp) {
        if !self.lock().may_ask(now) {
            return;
        }
        let Some(turn) = self.try_turn() else {
            return;
        };
        let keys = Arc::clone(self);
        host.spawn(move |host| async move {
            // That it failed is logged, and kept in the state.
            let _ = keys.fetch_in(turn, &host, now).await;
        });
    }

    /// Waits for the fetch that is under way, for as long as is worth it.
    async fn wait_a_moment(&self, host: &impl KeyHost) {
        let mut waited = Duration::ZERO;
        while self.fetching.load(Ordering::Acquire) && !self.overdue.load(Ordering::Acquire) {
            if waited >= PATIENCE {
                self.overdue.store(true, Ordering::Release);
                return;
            }
            host.sleep(LOOK_AGAIN).await;
            waited += LOOK_AGAIN;
        }
    }

    /// Fetches the set, unless that has been done since `asked_at`.
    async fn fetch(
        self: &Arc<Self>,
        host: &impl KeyHost,
        asked_at: Timestamp,
    ) -> Result<Arc<KeySet>, IssuerUnavailable> {
        let turn = self.turn(host).await;
        self.fetch_in(turn, host, asked_at).await
    }

    async fn fetch_in(
        &self,
        turn: Turn,
        host: &impl KeyHost,
        asked_at: Timestamp,
    ) -> Result<Arc<KeySet>, IssuerUnavailable> {
        self.take_over(host, host.now());
        if let Some(held) = self.held().filter(|held| held.fetched_at > asked_at) {
            return Ok(held.keys);
        }
        if !self.lock().may_ask(host.now()) {
            return Err(IssuerUnavailable);
        }
        self.ask(host, turn).await
    }

    fn try_turn(self: &Arc<Self>) -> Option<Turn> {
        let taken = self.fetching.swap(true, Ordering::AcqRel);
        (!taken).then(|| Turn(Arc::clone(self)))
    }

    /// Waits until no other request is fetching, which each does for a bounded time. It looks again
    /// and again, since no request of an instance can be woken by another one (wit-bindgen without
    /// `inter-task-wakeup`, as spin-sdk has it, ends the instance).
    async fn turn(self: &Arc<Self>, host: &impl KeyHost) -> Turn {
        loop {
            if let Some(turn) = self.try_turn() {
                return turn;
            }
            host.sleep(LOOK_AGAIN).await;
        }
    }

    async fn ask(
        &self,
        host: &impl KeyHost,
        _turn: Turn,
    ) -> Result<Arc<KeySet>, IssuerUnavailable> {
        let fetched = host.fetch(&self.url).await;
        let now = host.now();
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
                self.complain("keys of an issuer cannot be fetched", &reason);
                self.lock().failed_at = Some(now);
                Err(IssuerUnavailable)
            }
        };
        self.tell_holder();
        let json = self.lock().to_json();
        if let Some(json) = json {
            host.store_keys(&self.hash, self.seal.close(&self.stored_name(), json));
        }
        keys
    }

    fn read(&self, fetched: &Fetched, now: Timestamp) -> Result<Held, String> {
        let jwks = Jwks::of_json(&fetched.body).map_err(|error| format!("not a JWKS: {error}"))?;
        let set = jwks.read(self.allowed.as_deref());
        if let Some(reason) = set.none_usable() {
            self.complain("an issuer has withdrawn all its keys", &reason);
        }
        Ok(Held {
            keys: Arc::new(set.any()),
            jwks: String::from_utf8_lossy(&fetched.body).into(),
            fetched_at: now,
            lifetime: lifetime::of_answer(&fetched.headers),
        })
    }

    /// Takes over what other instances have learnt since.
    fn take_over(&self, host: &impl KeyHost, now: Timestamp) {
        self.loaded.store(true, Ordering::Release);
        let Some(stored) = host.stored_keys(&self.hash) else {
            return;
        };
        if let Some(json) = self.seal.open(&self.stored_name(), &stored) {
            let allowed = self.allowed.as_deref();
            self.lock().take_over(json, allowed, now);
            self.tell_holder();
        }
    }

    /// Says which keys the issuer has by now.
    fn tell_holder(&self) {
        if let Some(held) = self.held() {
            self.holder.holds(held.keys.fingerprints());
        }
    }

    fn complain(&self, event: &'static str, reason: &dyn std::fmt::Display) {
        let issuer = self.holder.issuer();
        log::error(event).issuer(issuer).reason(reason).write();
    }

    /// Returns the name that the stored state is sealed for.
    fn stored_name(&self) -> String {
        format!("jwks:{}", self.hash)
    }

    fn held(&self) -> Option<Held> {
        self.lock().set.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
