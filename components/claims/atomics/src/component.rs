//! The WebAssembly component: the claims on a Spin host.

use std::sync::OnceLock;

use claims_shared::{Failure, Guest, Word};
use spin_sdk::experimental::wasi::keyvalue::{
    atomics::{self, Cas, CasError},
    store,
};

use super::{Claims, Contender, KeyValue, StoreError};

/// The label of the store in the manifest.
const LABEL: &str = "default";

thread_local! {
    /// It lives as long as the instance.
    static CLAIMS: Claims = Claims::default();
}

struct Atomics;

// Nothing is awaited: a component has no other way to the store's atomic operations.
impl Guest for Atomics {
    async fn claim(name: String, contender: String) -> Result<(), Failure> {
        let name = Word::parse(name)?;
        let contender = Contender::of(&Word::parse(contender)?);
        let store = SpinStore::get()?;
        CLAIMS.with(|claims| claims.claim(&store, &name, contender))
    }

    async fn next(sequence: String) -> Result<u64, Failure> {
        let sequence = Word::parse(sequence)?;
        let store = SpinStore::get()?;
        CLAIMS.with(|claims| claims.next(&store, &sequence))
    }
}

claims_shared::bindings::export!(Atomics with_types_in claims_shared::bindings);

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

impl KeyValue for &SpinStore {
    type Swap = Cas;

    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.get(key).map_err(failed)
    }

    fn exists(&self, key: &str) -> Result<bool, StoreError> {
        self.0.exists(key).map_err(failed)
    }

    fn set(&self, key: &str, value: &[u8]) -> Result<(), StoreError> {
        self.0.set(key, value).map_err(failed)
    }

    fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.0.delete(key).map_err(failed)
    }

    fn increment(&self, key: &str, delta: i64) -> Result<i64, StoreError> {
        atomics::increment(&self.0, key, delta).map_err(failed)
    }

    fn start_swap(&self, key: &str) -> Result<(Cas, Option<Vec<u8>>), StoreError> {
        let swap = Cas::new(&self.0, key).map_err(failed)?;
        let value = swap.current().map_err(failed)?;
        Ok((swap, value))
    }

    fn finish_swap(&self, swap: Cas, value: &[u8]) -> Result<bool, StoreError> {
        match atomics::swap(swap, value) {
            Ok(()) => Ok(true),
            Err(CasError::CasFailed(_)) => Ok(false),
            Err(CasError::StoreError(error)) => Err(failed(error)),
        }
    }
}

fn failed(error: store::Error) -> StoreError {
    StoreError(match error {
        store::Error::NoSuchStore => format!("there is no store {LABEL}"),
        store::Error::AccessDenied => format!("access to the store {LABEL} is denied"),
        store::Error::Other(why) => why,
    })
}
