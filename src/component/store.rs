//! The host's key-value store, through `wasi:keyvalue`.

use super::bindings::wasi::keyvalue::{batch, store};
use crate::store::{Key, KeyValue, StoreError};

/// The label of the store in spin.toml.
const LABEL: &str = "default";

pub(super) struct SpinStore(store::Bucket);

impl SpinStore {
    pub(super) fn open() -> Result<Self, StoreError> {
        store::open(LABEL).map(Self).map_err(|error| failed(&error))
    }
}

impl KeyValue for SpinStore {
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.get(key.as_str()).map_err(|error| failed(&error))
    }

    fn set_many(&self, entries: Vec<(Key, Vec<u8>)>) -> Result<(), StoreError> {
        let entries: Vec<_> = entries
            .into_iter()
            .map(|(key, value)| (key.into_string(), value))
            .collect();
        batch::set_many(&self.0, &entries).map_err(|error| failed(&error))
    }
}

fn failed(error: &store::Error) -> StoreError {
    StoreError::Host(match error {
        store::Error::NoSuchStore => format!("there is no store {LABEL}"),
        store::Error::AccessDenied => format!("access to the store {LABEL} is denied"),
        store::Error::Other(why) => why.clone(),
    })
}
