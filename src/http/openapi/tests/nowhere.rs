//! A host without values, for tests that need only its type.

use std::time::Duration;

use ::http::{HeaderMap, Response};
use bytes::Bytes;

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

pub(super) enum Nowhere {}

impl Claims for Nowhere {
    async fn claim(&self, _: String, _: String) -> Result<(), ClaimFailure> {
        match *self {}
    }
}

impl Clock for Nowhere {
    fn now(&self) -> Timestamp {
        match *self {}
    }

    async fn sleep(&self, _: Duration) {
        match *self {}
    }
}

impl Ports for Nowhere {
    async fn send_email(&self, _: Email) -> Result<Receipt, SendFailure> {
        match *self {}
    }

    async fn look_up_contacts(&self, _: Vec<Identifier>) -> Result<Vec<Contact>, ContactsError> {
        match *self {}
    }

    async fn fetch_condition(&self, _: &ConditionUrl) -> Result<Bytes, FetchError> {
        match *self {}
    }
}

impl Host for Nowhere {
    type Store = &'static MemoryStore;

    fn open_store(&self) -> Result<Self::Store, StoreError> {
        match *self {}
    }

    async fn variable(&self, _: &'static str) -> Result<String, VariableError> {
        match *self {}
    }

    async fn fetch(&self, _: &str) -> Result<Fetched, FetchError> {
        match *self {}
    }

    async fn documentation(
        &self,
        _: &str,
        _: &HeaderMap,
    ) -> Result<Option<Response<Bytes>>, FetchError> {
        match *self {}
    }

    fn spawn(&self, _: impl Future<Output = ()> + Send + 'static) {
        match *self {}
    }
}
