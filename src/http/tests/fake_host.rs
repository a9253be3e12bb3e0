//! A host with a store in memory and a clock that stands still.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use ::http::{HeaderMap, Response};
use bytes::Bytes;

use super::TRIGGER_KEY;
use crate::{
    auth::{FetchError, Fetched},
    clock::Clock,
    config::VariableError,
    delivery::{ContactsError, Email, Ports, Receipt, SendFailure},
    http::Host,
    order::{ConditionUrl, Contact, Identifier},
    store::{ClaimFailure, Claims, MemoryStore, StoreError},
    timestamp::Timestamp,
};

/// Copies share everything.
#[derive(Clone)]
pub(super) struct FakeHost {
    pub(super) store: &'static MemoryStore,
    pub(super) variables: Arc<Mutex<BTreeMap<&'static str, String>>>,
    pub(super) now: Arc<Mutex<Timestamp>>,
    /// Whether the store cannot be opened.
    pub(super) store_fails: bool,
    /// Whether there is a component for the documentation. It answers with the path.
    pub(super) has_documentation: bool,
}

impl FakeHost {
    /// Returns a host whose variables have their defaults, with a trigger key.
    pub(super) fn new() -> Self {
        let variables = [
            ("bearer_issuers", "[]"),
            ("platform_issuers", "[]"),
            ("required_scopes", "test"),
            ("public_base_url", ""),
            ("default_from_address", "noreply@example.no"),
            ("trigger_key", TRIGGER_KEY),
            ("trigger_key_previous", ""),
            ("max_body_bytes", "1000"),
            ("log_level", "info"),
            ("give_up_hours", "48"),
            ("retain_content_days", "30"),
            ("retain_order_days", "90"),
            ("send_rate", "0"),
            ("resend_webhook_secret", ""),
            ("from_addresses", "{}"),
        ];
        let variables = variables.map(|(name, value)| (name, value.to_owned()));
        Self {
            store: Box::leak(Box::default()),
            variables: Arc::new(Mutex::new(variables.into())),
            now: Arc::new(Mutex::new(
                Timestamp::parse("2026-06-01T12:00:30Z").unwrap(),
            )),
            store_fails: false,
            has_documentation: false,
        }
    }

    pub(super) fn set(&self, variable: &'static str, value: &str) {
        let mut variables = self.variables.lock().unwrap();
        variables.insert(variable, value.to_owned());
    }

    pub(super) fn pass(&self, seconds: i64) {
        let mut now = self.now.lock().unwrap();
        *now = now.plus_seconds(seconds);
    }
}

impl Clock for FakeHost {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }

    async fn sleep(&self, _: Duration) {
        std::future::pending().await
    }
}

impl Claims for FakeHost {
    async fn claim(&self, name: String, contender: String) -> Result<(), ClaimFailure> {
        self.store.claim(name, contender).await
    }
}

impl Ports for FakeHost {
    async fn send_email(&self, _: Email) -> Result<Receipt, SendFailure> {
        Err(SendFailure::Transient("no sender".to_owned()))
    }

    async fn look_up_contacts(&self, _: Vec<Identifier>) -> Result<Vec<Contact>, ContactsError> {
        Err(ContactsError("no contacts".to_owned()))
    }

    async fn fetch_condition(&self, _: &ConditionUrl) -> Result<Bytes, FetchError> {
        Err(FetchError::Status(404))
    }
}

impl Host for FakeHost {
    type Store = &'static MemoryStore;

    fn open_store(&self) -> Result<Self::Store, StoreError> {
        if self.store_fails {
            return Err(StoreError::Host("simulated".to_owned()));
        }
        Ok(self.store)
    }

    async fn variable(&self, variable: &'static str) -> Result<String, VariableError> {
        let variables = self.variables.lock().unwrap();
        let value = variables.get(variable).cloned();
        value.ok_or_else(|| VariableError {
            variable,
            reason: "undefined".to_owned(),
        })
    }

    async fn fetch(&self, _: &str) -> Result<Fetched, FetchError> {
        Err(FetchError::Status(404))
    }

    async fn documentation(
        &self,
        path: &str,
        _: &HeaderMap,
    ) -> Result<Option<Response<Bytes>>, FetchError> {
        let answer = || Response::new(path.to_owned().into());
        Ok(self.has_documentation.then(answer))
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        futures_executor::block_on(task);
    }
}
