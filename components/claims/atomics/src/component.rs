//! The WebAssembly component: the claims on a Spin host.

use claims_shared::{Failure, Guest, Name};
use spin_sdk::experimental::wasi::keyvalue::{
    atomics::{self, Cas, CasError},
    store::Bucket,
};
use spin_store::{StoreError, open_default};

use super::{Claims, Contender, KeyValue};

thread_local! {
    /// Lives as long as the instance.
    static CLAIMS: Claims = Claims::default();
}

struct Atomics;

// No call awaits: `wasi:keyvalue`, the only interface with atomic operations, is synchronous.
impl Guest for Atomics {
    async fn claim(name: String, contender: String) -> Result<(), Failure> {
        let name = Name::parse(name)?;
        let contender = Contender::of(&Name::parse(contender)?);
        let store = open_default()?;
        CLAIMS.with(|claims| claims.claim(store, &name, contender))
    }

    async fn next(sequence: String) -> Result<u64, Failure> {
        let sequence = Name::parse(sequence)?;
        let store = open_default()?;
        CLAIMS.with(|claims| claims.next(store, &sequence))
    }
}

claims_shared::bindings::export!(Atomics with_types_in claims_shared::bindings);

impl KeyValue for Bucket {
    type Swap = Cas;

    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(Bucket::get(self, key)?)
    }

    fn exists(&self, key: &str) -> Result<bool, StoreError> {
        Ok(Bucket::exists(self, key)?)
    }

    fn set(&self, key: &str, value: &[u8]) -> Result<(), StoreError> {
        Ok(Bucket::set(self, key, value)?)
    }

    fn delete(&self, key: &str) -> Result<(), StoreError> {
        Ok(Bucket::delete(self, key)?)
    }

    fn increment(&self, key: &str, delta: i64) -> Result<i64, StoreError> {
        Ok(atomics::increment(self, key, delta)?)
    }

    fn start_swap(&self, key: &str) -> Result<(Cas, Option<Vec<u8>>), StoreError> {
        let swap = Cas::new(self, key)?;
        let value = swap.current()?;
        Ok((swap, value))
    }

    fn finish_swap(&self, swap: Cas, value: &[u8]) -> Result<bool, StoreError> {
        match atomics::swap(swap, value) {
            Ok(()) => Ok(true),
            Err(CasError::CasFailed(_)) => Ok(false),
            Err(CasError::StoreError(error)) => Err(error.into()),
        }
    }
}
