//! Implements `wasi:keyvalue@0.2.0-draft2`: store, batch and atomics.

use wasmtime::component::Resource;

use super::bindings::wasi::keyvalue::{
    atomics::{self, CasError},
    batch,
    store::{self, Error, KeyResponse},
};
use crate::{
    key_value::{OpenStore, OpenSwap, StoreError, SwapError},
    runtime::State,
};

type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Why a swap failed, as the component sees it.
pub(crate) enum SwapFailure {
    /// The value has changed. The new handle has read the new value.
    Changed(Resource<OpenSwap>),
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for SwapFailure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<wasmtime::component::ResourceTableError> for SwapFailure {
    fn from(error: wasmtime::component::ResourceTableError) -> Self {
        Self::Store(StoreError::other(error))
    }
}

fn error(error: StoreError) -> wasmtime::Result<Error> {
    Ok(match error {
        StoreError::NoSuchStore => Error::NoSuchStore,
        StoreError::AccessDenied => Error::AccessDenied,
        StoreError::TableFull => Error::Other("store table full".to_owned()),
        StoreError::Other(message) => Error::Other(message),
        StoreError::Panic(_) => return Err(wasmtime::Error::new(error)),
    })
}

impl store::Host for State {
    async fn open(&mut self, identifier: String) -> Result<Resource<OpenStore>> {
        let store = self.key_value.opener().open(&identifier).await?;
        self.key_value.keep(store)
    }

    fn convert_error(&mut self, failure: StoreError) -> wasmtime::Result<Error> {
        error(failure)
    }
}

impl store::HostBucket for State {
    async fn get(&mut self, bucket: Resource<OpenStore>, key: String) -> Result<Option<Vec<u8>>> {
        self.key_value.store(&bucket)?.get(&key).await
    }

    async fn set(
        &mut self,
        bucket: Resource<OpenStore>,
        key: String,
        value: Vec<u8>,
    ) -> Result<()> {
        self.key_value.store(&bucket)?.set(&key, &value).await
    }

    async fn delete(&mut self, bucket: Resource<OpenStore>, key: String) -> Result<()> {
        self.key_value.store(&bucket)?.delete(&key).await
    }

    async fn exists(&mut self, bucket: Resource<OpenStore>, key: String) -> Result<bool> {
        self.key_value.store(&bucket)?.exists(&key).await
    }

    async fn list_keys(
        &mut self,
        bucket: Resource<OpenStore>,
        cursor: Option<String>,
    ) -> Result<KeyResponse> {
        if cursor.is_some() {
            return Err(StoreError::other("list_keys: cursor not supported"));
        }
        let keys = self.key_value.store(&bucket)?.list_keys().await?;
        Ok(KeyResponse { keys, cursor: None })
    }

    async fn drop(&mut self, bucket: Resource<OpenStore>) -> wasmtime::Result<()> {
        self.key_value.close(&bucket);
        Ok(())
    }
}

impl batch::Host for State {
    async fn get_many(
        &mut self,
        bucket: Resource<OpenStore>,
        keys: Vec<String>,
    ) -> Result<Vec<(String, Option<Vec<u8>>)>> {
        let pairs = self.key_value.store(&bucket)?.get_many(keys).await?;
        Ok(pairs.into_iter().map(|(k, v)| (k, Some(v))).collect())
    }

    async fn set_many(
        &mut self,
        bucket: Resource<OpenStore>,
        pairs: Vec<(String, Vec<u8>)>,
    ) -> Result<()> {
        self.key_value.store(&bucket)?.set_many(pairs).await
    }

    async fn delete_many(&mut self, bucket: Resource<OpenStore>, keys: Vec<String>) -> Result<()> {
        self.key_value.store(&bucket)?.delete_many(keys).await
    }
}

impl atomics::Host for State {
    async fn increment(
        &mut self,
        bucket: Resource<OpenStore>,
        key: String,
        delta: i64,
    ) -> Result<i64> {
        self.key_value.store(&bucket)?.increment(&key, delta).await
    }

    async fn swap(&mut self, swap: Resource<OpenSwap>, value: Vec<u8>) -> Result<(), SwapFailure> {
        // A swap consumes its handle, whatever its result.
        let swap = self.key_value.take_swap(&swap)?;
        match swap.swap(value).await {
            Ok(()) => Ok(()),
            Err(SwapError::Store(error)) => Err(error.into()),
            Err(SwapError::Failed) => {
                let next = swap.renew().await?;
                next.prime().await?;
                Err(SwapFailure::Changed(self.key_value.keep_swap(next)?))
            }
        }
    }

    fn convert_cas_error(&mut self, failure: SwapFailure) -> wasmtime::Result<CasError> {
        Ok(match failure {
            SwapFailure::Changed(next) => CasError::CasFailed(next),
            SwapFailure::Store(failure) => CasError::StoreError(error(failure)?),
        })
    }
}

impl atomics::HostCas for State {
    async fn new(
        &mut self,
        bucket: Resource<OpenStore>,
        key: String,
    ) -> Result<Resource<OpenSwap>> {
        let swap = self
            .key_value
            .store(&bucket)?
            .compare_and_swap(&key)
            .await?;
        self.key_value.keep_swap(swap)
    }

    async fn current(&mut self, swap: Resource<OpenSwap>) -> Result<Option<Vec<u8>>> {
        self.key_value.swap(&swap)?.current().await
    }

    async fn drop(&mut self, swap: Resource<OpenSwap>) -> wasmtime::Result<()> {
        self.key_value.close_swap(&swap);
        Ok(())
    }
}
