//! The WebAssembly component: both exports, on a Spin host.

use std::{
    sync::OnceLock,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use spin_sdk::experimental::wasi::keyvalue::{atomics, batch, store};

use crate::{
    KeyValue, Mail, Sandbox, Simulation, StoreError,
    bindings::exports::email_orders::sender::sender::{Email, Failure, Guest, Receipt},
    journal::Timestamp,
};

/// The label of the store in the manifest.
const LABEL: &str = "default";

struct Sender;

impl Guest for Sender {
    async fn send(email: Email) -> Result<Receipt, Failure> {
        let mail = Mail::try_from(email)
            .map_err(|error| Failure::Rejected(format!("the notification id: {error}")))?;
        let delay = Simulation::of(&mail.to).delay();
        if delay > Duration::ZERO {
            spin_sdk::time::sleep(delay).await;
        }
        let store = SpinStore::get().map_err(|error| Failure::Transient(error.to_string()))?;
        Sandbox::new(store).send(&mail, now())
    }
}

#[cfg(target_family = "wasm")]
mod exports {
    use bytes::Bytes;
    use spin_sdk::{
        http::{FullBody, Request},
        http_service,
    };

    use super::{Sandbox, Sender, SpinStore};
    use crate::{bindings, page};

    bindings::export!(Sender with_types_in bindings);

    #[http_service]
    async fn handle(request: Request) -> http::Response<FullBody<Bytes>> {
        let (request, _) = request.into_parts();
        let answer = page::answer(&request, || SpinStore::get().map(Sandbox::new));
        answer.map(FullBody::new)
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = since.unwrap_or_default().as_millis();
    Timestamp(u64::try_from(millis).unwrap_or(u64::MAX))
}

struct SpinStore(store::Bucket);

impl SpinStore {
    /// The store, which is kept open for as long as the instance lives.
    fn get() -> Result<&'static Self, StoreError> {
        static STORE: OnceLock<SpinStore> = OnceLock::new();
        if let Some(store) = STORE.get() {
            return Ok(store);
        }
        let store = store::open(LABEL).map_err(|error| failed(&error))?;
        Ok(STORE.get_or_init(|| Self(store)))
    }
}

impl KeyValue for &SpinStore {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.get(key).map_err(|error| failed(&error))
    }

    fn set_many(&self, entries: Vec<(String, Vec<u8>)>) -> Result<(), StoreError> {
        batch::set_many(&self.0, &entries).map_err(|error| failed(&error))
    }

    fn increment(&self, key: &str) -> Result<u64, StoreError> {
        let sum = atomics::increment(&self.0, key, 1).map_err(|error| failed(&error))?;
        u64::try_from(sum).map_err(|_| StoreError::Host("a count below zero".to_owned()))
    }

    fn keys(&self) -> Result<Vec<String>, StoreError> {
        let mut all = Vec::new();
        let mut cursor = None;
        loop {
            let page = self.0.list_keys(cursor.as_deref());
            let page = page.map_err(|error| failed(&error))?;
            all.extend(page.keys);
            match page.cursor {
                Some(next) => cursor = Some(next),
                None => return Ok(all),
            }
        }
    }
}

fn failed(error: &store::Error) -> StoreError {
    StoreError::Host(match error {
        store::Error::NoSuchStore => format!("there is no store {LABEL}"),
        store::Error::AccessDenied => format!("access to the store {LABEL} is denied"),
        store::Error::Other(why) => why.clone(),
    })
}
