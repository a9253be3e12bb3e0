//! A host that cannot be: for what is asked of a type alone.

use std::time::Duration;

use bytes::Bytes;

use crate::{
    auth::{FetchError, Fetched},
    config::VariableError,
    delivery::{Email, LookUpFailed, Outside, Receipt, SendFailure},
    http::Host,
    order::{ConditionEndpoint, Contact, Identifier},
    store::{MemoryStore, StoreError},
};

pub(super) enum Nowhere {}

impl Outside for Nowhere {
    async fn send(&self, _: Email) -> Result<Receipt, SendFailure> {
        match *self {}
    }

    async fn look_up(&self, _: Vec<Identifier>) -> Result<Vec<Contact>, LookUpFailed> {
        match *self {}
    }

    async fn ask(&self, _: &ConditionEndpoint) -> Result<Bytes, FetchError> {
        match *self {}
    }

    async fn keys(&self, _: &str) -> Result<Vec<String>, String> {
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

    async fn sleep(&self, _: Duration) {
        match *self {}
    }

    fn spawn(&self, _: impl Future<Output = ()> + Send + 'static) {
        match *self {}
    }
}
