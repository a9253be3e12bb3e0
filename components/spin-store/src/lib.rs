//! The key-value store `default` on a Spin host, through `wasi:keyvalue`.
//!
//! The components around the order component open the store and report its errors through this
//! crate. The order component has bindings of its own (`wit/host`), and does not use it.

use std::sync::OnceLock;

use spin_sdk::experimental::wasi::keyvalue::store;

/// The label of the store in the manifest.
const LABEL: &str = "default";

/// A failed call to the store, with the host's reason. The call may have had its effect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("key-value store: {0}")]
pub struct StoreError(pub String);

impl From<store::Error> for StoreError {
    fn from(error: store::Error) -> Self {
        Self(match error {
            store::Error::NoSuchStore => format!("there is no store {LABEL}"),
            store::Error::AccessDenied => format!("access to the store {LABEL} is denied"),
            store::Error::Other(reason) => reason,
        })
    }
}

/// Returns the store. It is opened once and stays open for the life of the instance.
pub fn open_default() -> Result<&'static store::Bucket, StoreError> {
    static STORE: OnceLock<store::Bucket> = OnceLock::new();
    if let Some(store) = STORE.get() {
        return Ok(store);
    }
    let store = store::open(LABEL)?;
    Ok(STORE.get_or_init(|| store))
}
