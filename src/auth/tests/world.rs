//! A host in memory, whose issuers answer as a test wants.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use bytes::Bytes;
use futures_executor::block_on;
use http::HeaderMap;
use serde_json::{Value, json};
use test_issuer::{Algorithm, Claims, SigningKey};

use crate::{
    auth::{
        FetchError, Fetched, IssuerUnavailable, Issuers, KeyHost, Seal, UnverifiedToken,
        read_issuers,
    },
    clock::Clock,
    timestamp::Timestamp,
};

/// The host; clones are the same one.
#[derive(Clone, Default)]
pub(super) struct World(Arc<Mutex<Inner>>);

#[derive(Default)]
pub(super) struct Inner {
    answers: HashMap<String, Answer>,
    pub(super) requests: usize,
    pub(super) stored: HashMap<String, Vec<u8>>,
    pub(super) shared: HashMap<String, Vec<u8>>,
}

/// What a URL answers.
#[derive(Clone)]
struct Answer {
    body: Option<Bytes>,
    delay: Duration,
}

impl World {
    /// Lets a URL answer with a set of these keys.
    pub(super) fn serves<'a>(
        &self,
        url: &str,
        keys: impl IntoIterator<Item = &'a SigningKey>,
    ) -> &Self {
        self.answers(url, &set_of(keys))
    }

    /// Lets a URL answer with a document.
    pub(super) fn answers(&self, url: &str, document: &Value) -> &Self {
        let body = Some(document.to_string().into());
        self.lock().answers.insert(
            url.to_owned(),
            Answer {
                body,
                delay: Duration::ZERO,
            },
        );
        self
    }

    /// Lets a URL answer only after a while.
    pub(super) fn is_slow(&self, url: &str, delay: Duration) {
        if let Some(answer) = self.lock().answers.get_mut(url) {
            answer.delay = delay;
        }
    }

    /// Lets a URL fail.
    pub(super) fn fails(&self, url: &str) {
        if let Some(answer) = self.lock().answers.get_mut(url) {
            answer.body = None;
        }
    }

    /// Changes what is stored of all issuers' keys.
    pub(super) fn alter_stored(&self, alter: impl Fn(&mut Value)) {
        for value in self.lock().stored.values_mut() {
            let mut state = serde_json::from_slice(value).unwrap();
            alter(&mut state);
            *value = state.to_string().into_bytes();
        }
    }

    /// Makes all stored sets so many seconds old.
    pub(super) fn age(&self, seconds: i64) {
        self.alter_stored(|state| state["set"]["fetchedAt"] = ago(seconds));
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn sleep(&self, time: Duration) {
        thread::sleep(time);
    }
}

impl KeyHost for World {
    async fn fetch(&self, url: &str) -> Result<Fetched, FetchError> {
        let answer = {
            let mut world = self.lock();
            world.requests += 1;
            world.answers.get(url).cloned()
        };
        let down = || FetchError::NoAnswer("it is down".to_owned());
        let answer = answer.ok_or_else(down)?;
        self.sleep(answer.delay).await;
        Ok(Fetched {
            body: answer.body.ok_or_else(down)?,
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
        thread::spawn(|| block_on(task));
    }
}

/// An instance: both lists of issuers, read anew.
pub(super) struct Instance {
    pub(super) bearer: Issuers,
    pub(super) platform: Issuers,
}

impl Instance {
    pub(super) fn of(bearer: &Value, platform: &Value) -> Self {
        Self::sealed(bearer, platform, Seal::default())
    }

    pub(super) fn sealed(bearer: &Value, platform: &Value, seal: Seal) -> Self {
        let (bearer, platform) = read_issuers(&bearer.to_string(), &platform.to_string(), seal);
        Self {
            bearer: bearer.unwrap(),
            platform: platform.unwrap(),
        }
    }
}

/// Tells whether a token verifies.
pub(super) fn verify(
    issuers: &Issuers,
    token: &str,
    world: &World,
) -> Result<bool, IssuerUnavailable> {
    let token = UnverifiedToken::new(token).unwrap();
    block_on(issuers.verify(token, world)).map(|verified| verified.is_some())
}

pub(super) fn key() -> SigningKey {
    SigningKey::generate(Algorithm::EdDsa).unwrap()
}

pub(super) fn set_of<'a>(keys: impl IntoIterator<Item = &'a SigningKey>) -> Value {
    let keys: Vec<_> = keys.into_iter().map(SigningKey::public_jwk).collect();
    json!({ "keys": keys })
}

/// A good token of an issuer, which no other is like.
pub(super) fn token(issuer: &str, key: &SigningKey) -> String {
    let claims = Claims::of(issuer).with("jti", uuid::Uuid::new_v4().to_string());
    key.token(&claims).unwrap()
}

/// The instant so many seconds ago, as it is stored.
pub(super) fn ago(seconds: i64) -> Value {
    serde_json::to_value(Timestamp::now().plus_seconds(-seconds)).unwrap()
}
