//! The WebAssembly component: the claims on a Spin host.

use std::sync::OnceLock;

use claims_shared::{Failure, Guest, Word};
use spin_sdk::{experimental::wasi::keyvalue::store, time::sleep};

use super::{
    claims,
    registers::{Registers, SETTLE, StoreError},
};

/// The label of the store in the manifest.
const LABEL: &str = "default";

struct RegisterClaims;

impl Guest for RegisterClaims {
    async fn claim(name: String, contender: String) -> Result<(), Failure> {
        let (name, contender) = (Word::parse(name)?, Word::parse(contender)?);
        claims::claim(&SpinStore::get()?, &name, &contender).await
    }

    async fn next(sequence: String) -> Result<u64, Failure> {
        let sequence = Word::parse(sequence)?;
        claims::next(&SpinStore::get()?, &sequence).await
    }
}

claims_shared::bindings::export!(RegisterClaims with_types_in claims_shared::bindings);

struct SpinStore(store::Bucket);

impl SpinStore {
    /// Returns the store, which stays open for as long as the instance lives.
    fn get() -> Result<&'static Self, StoreError> {
        static STORE: OnceLock<SpinStore> = OnceLock::new();
        if let Some(store) = STORE.get() {
            return Ok(store);
        }
        let store = store::open(LABEL).map_err(failed)?;
        Ok(STORE.get_or_init(|| Self(store)))
    }
}

impl Registers for &SpinStore {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.get(key).map_err(failed)
    }

    fn set(&self, key: &str, value: &str) -> Result<(), StoreError> {
        self.0.set(key, value.as_bytes()).map_err(failed)
    }

    async fn settle(&self) {
        sleep(SETTLE).await;
    }
}

fn failed(error: store::Error) -> StoreError {
    StoreError(match error {
        store::Error::NoSuchStore => format!("there is no store {LABEL}"),
        store::Error::AccessDenied => format!("access to the store {LABEL} is denied"),
        store::Error::Other(why) => why,
    })
}
