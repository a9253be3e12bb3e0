//! Implements `spin:key-value@3.0.0`.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use tokio::sync::mpsc;
use wasmtime::{
    StoreContextMut,
    component::{
        Accessor, Destination, FutureReader, HasSelf, Resource, StreamProducer, StreamReader,
        StreamResult,
    },
};

use super::bindings::spin::key_value::key_value::{Error, Host, HostStore, HostStoreWithStore};
use crate::{
    key_value::{KeyStream, OpenStore, StoreError},
    runtime::State,
};

type Result<T, E = StoreError> = std::result::Result<T, E>;

fn error(error: StoreError) -> wasmtime::Result<Error> {
    Ok(match error {
        StoreError::TableFull => Error::StoreTableFull,
        StoreError::NoSuchStore => Error::NoSuchStore,
        StoreError::AccessDenied => Error::AccessDenied,
        StoreError::Other(message) => Error::Other(message),
        StoreError::Panic(_) => return Err(wasmtime::Error::new(error)),
    })
}

impl Host for State {
    fn convert_error(&mut self, failure: StoreError) -> wasmtime::Result<Error> {
        error(failure)
    }
}

impl HostStore for State {
    async fn drop(&mut self, store: Resource<OpenStore>) -> wasmtime::Result<()> {
        self.key_value.close(&store);
        Ok(())
    }
}

fn opened<T>(
    accessor: &Accessor<T, HasSelf<State>>,
    store: &Resource<OpenStore>,
) -> Result<OpenStore> {
    accessor.with(|mut access| access.get().key_value.store(store))
}

impl<T> HostStoreWithStore<T> for HasSelf<State> {
    async fn open(accessor: &Accessor<T, Self>, label: String) -> Result<Resource<OpenStore>> {
        let opener = accessor.with(|mut access| access.get().key_value.opener());
        let store = opener.open(&label).await?;
        accessor.with(|mut access| access.get().key_value.keep(store))
    }

    async fn get(
        accessor: &Accessor<T, Self>,
        store: Resource<OpenStore>,
        key: String,
    ) -> Result<Option<Vec<u8>>> {
        opened(accessor, &store)?.get(&key).await
    }

    async fn set(
        accessor: &Accessor<T, Self>,
        store: Resource<OpenStore>,
        key: String,
        value: Vec<u8>,
    ) -> Result<()> {
        opened(accessor, &store)?.set(&key, &value).await
    }

    async fn delete(
        accessor: &Accessor<T, Self>,
        store: Resource<OpenStore>,
        key: String,
    ) -> Result<()> {
        opened(accessor, &store)?.delete(&key).await
    }

    async fn exists(
        accessor: &Accessor<T, Self>,
        store: Resource<OpenStore>,
        key: String,
    ) -> Result<bool> {
        opened(accessor, &store)?.exists(&key).await
    }

    async fn get_keys(
        accessor: &Accessor<T, Self>,
        store: Resource<OpenStore>,
    ) -> wasmtime::Result<(StreamReader<String>, FutureReader<Result<(), Error>>)> {
        let store = opened(accessor, &store).map_err(wasmtime::Error::new)?;
        let KeyStream { keys, end } = store.stream_keys().await.map_err(wasmtime::Error::new)?;
        let end = async move {
            match end.await {
                Ok(Ok(())) => wasmtime::error::Ok(Ok(())),
                Ok(Err(failure)) => error(failure).map(Err),
                Err(gone) => Err(wasmtime::Error::new(gone)),
            }
        };
        accessor.with(|mut access| {
            let keys = StreamReader::new(&mut access, Keys(keys))?;
            Ok((keys, FutureReader::new(&mut access, end)?))
        })
    }
}

/// Produces keys one by one as they arrive.
struct Keys(mpsc::Receiver<String>);

impl<D> StreamProducer<D> for Keys {
    type Item = String;
    type Buffer = Option<String>;

    fn poll_produce<'a>(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        store: StoreContextMut<'a, D>,
        mut destination: Destination<'a, String, Option<String>>,
        finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        if destination.remaining(store) == Some(0) {
            return Poll::Ready(Ok(StreamResult::Completed));
        }
        match self.get_mut().0.poll_recv(context) {
            Poll::Ready(Some(key)) => {
                destination.set_buffer(Some(key));
                Poll::Ready(Ok(StreamResult::Completed))
            }
            Poll::Ready(None) => Poll::Ready(Ok(StreamResult::Dropped)),
            Poll::Pending if finish => Poll::Ready(Ok(StreamResult::Cancelled)),
            Poll::Pending => Poll::Pending,
        }
    }
}
