//! A fake [`KeyHost`] in memory, with a clock that only tests move.

use std::{
    collections::HashMap,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;
use test_issuer::SigningKey;

use super::support::set_of;
use crate::{
    auth::{FetchError, Fetched, KeyHost},
    clock::Clock,
    timestamp::Timestamp,
};

/// More polls without progress than any test needs.
const MAX_POLLS: usize = 1000;

/// The host. Clones are the same host.
#[derive(Clone)]
pub(super) struct FakeKeyHost(Arc<Mutex<Inner>>);

pub(super) struct Inner {
    /// The time at which the host was created, in whole seconds.
    start: Timestamp,
    elapsed: Duration,
    /// The end of the sleep that ends next.
    next_wake: Option<Duration>,
    tasks: Vec<Pin<Box<dyn Future<Output = ()> + Send>>>,
    responses: HashMap<String, Response>,
    pub(super) requests: usize,
    pub(super) stored: HashMap<String, Vec<u8>>,
    pub(super) shared: HashMap<String, Vec<u8>>,
}

/// The response of a URL.
#[derive(Clone)]
struct Response {
    body: Option<Bytes>,
    delay: Duration,
}

impl Default for FakeKeyHost {
    /// Creates a host at the real time, at which test issuers issue their tokens.
    fn default() -> Self {
        let now = Timestamp::now().unix_seconds();
        Self(Arc::new(Mutex::new(Inner {
            start: Timestamp::from_unix_seconds(now).unwrap(),
            elapsed: Duration::ZERO,
            next_wake: None,
            tasks: Vec::new(),
            responses: HashMap::new(),
            requests: 0,
            stored: HashMap::new(),
            shared: HashMap::new(),
        })))
    }
}

impl FakeKeyHost {
    /// Serves a set of these keys at a URL.
    pub(super) fn serve_keys<'a>(
        &self,
        url: &str,
        keys: impl IntoIterator<Item = &'a SigningKey>,
    ) -> &Self {
        self.serve(url, &set_of(keys))
    }

    /// Serves a document at a URL.
    pub(super) fn serve(&self, url: &str, document: &Value) -> &Self {
        let response = Response {
            body: Some(document.to_string().into()),
            delay: Duration::ZERO,
        };
        self.lock().responses.insert(url.to_owned(), response);
        self
    }

    /// Delays the responses of a URL.
    pub(super) fn delay(&self, url: &str, delay: Duration) {
        self.lock().responses.get_mut(url).unwrap().delay = delay;
    }

    /// Lets requests to a URL fail.
    pub(super) fn fail(&self, url: &str) {
        self.lock().responses.get_mut(url).unwrap().body = None;
    }

    /// Changes the stored states of all issuers.
    pub(super) fn alter_stored(&self, alter: impl Fn(&mut Value)) {
        for value in self.lock().stored.values_mut() {
            let mut state = serde_json::from_slice(value).unwrap();
            alter(&mut state);
            *value = state.to_string().into_bytes();
        }
    }

    /// Makes all stored sets this old.
    pub(super) fn age_stored(&self, seconds: i64) {
        let fetched_at = self.ago(seconds);
        self.alter_stored(|state| state["set"]["fetchedAt"] = fetched_at.clone());
    }

    /// Returns a time in the past, in its stored form.
    pub(super) fn ago(&self, seconds: i64) -> Value {
        serde_json::to_value(self.now().plus_seconds(-seconds)).unwrap()
    }

    /// Returns the time that has passed on the fake clock.
    pub(super) fn elapsed(&self) -> Duration {
        self.lock().elapsed
    }

    /// Runs a future to its end, and the spawned tasks with it. The clock moves only when all of
    /// them sleep.
    pub(super) fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        for _ in 0..MAX_POLLS {
            self.lock().next_wake = None;
            let mut context = Context::from_waker(Waker::noop());
            if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
                return value;
            }
            self.poll_tasks(&mut context);
            let mut inner = self.lock();
            if let Some(wake) = inner.next_wake {
                inner.elapsed = wake;
            }
        }
        panic!("the future makes no progress");
    }

    /// Lets time pass, and the spawned tasks run.
    pub(super) fn advance(&self, time: Duration) {
        self.run(self.sleep(time));
    }

    fn poll_tasks(&self, context: &mut Context<'_>) {
        let mut tasks = std::mem::take(&mut self.lock().tasks);
        tasks.retain_mut(|task| task.as_mut().poll(context).is_pending());
        // A task may have spawned others.
        self.lock().tasks.extend(tasks);
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for FakeKeyHost {
    fn now(&self) -> Timestamp {
        let inner = self.lock();
        let seconds = i64::try_from(inner.elapsed.as_secs()).unwrap();
        let whole = inner.start.plus_seconds(seconds).to_string();
        let fraction = inner.elapsed.subsec_millis();
        let text = whole.replace('Z', &format!(".{fraction:03}Z"));
        Timestamp::parse(&text).unwrap()
    }

    async fn sleep(&self, time: Duration) {
        let wake = self.elapsed() + time;
        poll_fn(|_| {
            let mut inner = self.lock();
            if inner.elapsed >= wake {
                return Poll::Ready(());
            }
            inner.next_wake = Some(inner.next_wake.map_or(wake, |next| next.min(wake)));
            Poll::Pending
        })
        .await;
    }
}

impl KeyHost for FakeKeyHost {
    async fn fetch(&self, url: &str) -> Result<Fetched, FetchError> {
        let response = {
            let mut inner = self.lock();
            inner.requests += 1;
            inner.responses.get(url).cloned()
        };
        let failed = || FetchError::NoAnswer("simulated".to_owned());
        let response = response.ok_or_else(failed)?;
        self.sleep(response.delay).await;
        Ok(Fetched {
            body: response.body.ok_or_else(failed)?,
            headers: HeaderMap::new(),
        })
    }

    fn stored_keys(&self, name: &str) -> Option<Vec<u8>> {
        self.lock().stored.get(name).cloned()
    }

    fn store_keys(&self, name: &str, value: Vec<u8>) {
        self.lock().stored.insert(name.to_owned(), value);
    }

    fn shared_token(&self, slot: &str) -> Option<Vec<u8>> {
        self.lock().shared.get(slot).cloned()
    }

    fn share_token(&self, slot: &str, value: Vec<u8>) {
        self.lock().shared.insert(slot.to_owned(), value);
    }

    fn spawn<F: Future<Output = ()> + Send + 'static>(&self, task: impl FnOnce(Self) -> F) {
        let task = task(self.clone());
        self.lock().tasks.push(Box::pin(task));
    }
}
