//! The host's key-value store, through `wasi:keyvalue`.

use std::time::Duration;

use super::{
    bindings::wasi::keyvalue::{batch, store},
    claims,
    clock::sleep,
};
use crate::store::{Key, KeyValue, Refused, StoreError};

/// The label of the store in spin.toml.
const LABEL: &str = "default";

/// How long a request waits for others before it writes.
///
/// Spin's SQLite provider (4.1) blocks the instance during each call, and Spin starts another
/// instance for a request that arrives meanwhile. So requests seldom meet in one instance unless
/// they wait before the write. A wait on a timer also makes the host count the instance as free for
/// further requests. Can go once a call to the store leaves the instance free.
const GATHER_TIME: Duration = Duration::from_millis(1);

/// The open store.
pub(super) struct SpinStore(store::Bucket);

impl SpinStore {
    /// Opens the store.
    pub(super) fn open() -> Result<Self, StoreError> {
        store::open(LABEL).map(Self).map_err(failed)
    }
}

impl KeyValue for SpinStore {
    async fn gather(&self) {
        sleep(GATHER_TIME).await;
    }

    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.get(key.as_str()).map_err(failed)
    }

    fn get_many(&self, keys: &[Key]) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let keys: Vec<String> = keys.iter().map(|key| key.as_str().to_owned()).collect();
        let pairs = batch::get_many(&self.0, &keys).map_err(failed)?;
        let present = pairs
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?)));
        Ok(present.collect())
    }

    fn set_many(&self, entries: Vec<(Key, Vec<u8>)>) -> Result<(), Refused> {
        let entries: Vec<_> = entries
            .into_iter()
            .map(|(key, value)| (key.into_string(), value))
            .collect();
        batch::set_many(&self.0, &entries).map_err(|error| Refused {
            error: failed(error),
            entries: entries
                .into_iter()
                .map(|(key, value)| (Key::from_string(key), value))
                .collect(),
        })
    }

    async fn next_writer(&self) -> Option<u64> {
        claims::next_writer().await
    }

    fn delete_many(&self, keys: &[Key]) -> Result<(), StoreError> {
        let keys: Vec<String> = keys.iter().map(|key| key.as_str().to_owned()).collect();
        batch::delete_many(&self.0, &keys).map_err(failed)
    }
}

fn failed(error: store::Error) -> StoreError {
    StoreError::Host(match error {
        store::Error::NoSuchStore => format!("no store has the label {LABEL}"),
        store::Error::AccessDenied => format!("access to the store {LABEL} is denied"),
        store::Error::Other(why) => why,
    })
}
