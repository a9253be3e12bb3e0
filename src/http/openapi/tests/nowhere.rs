//! A host that cannot be: for what is asked of a type alone.

use std::time::Duration;

use crate::{
    auth::{FetchError, Fetched},
    config::{ConfigError, Variables},
    http::Host,
    store::{MemoryStore, StoreError},
};

pub(super) enum Nowhere {}

impl Host for Nowhere {
    type Store = &'static MemoryStore;

    fn open_store(&self) -> Result<Self::Store, StoreError> {
        match *self {}
    }

    async fn variables(&self) -> Result<Variables, ConfigError> {
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
