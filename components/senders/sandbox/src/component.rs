//! The WebAssembly component: both exports, on a Spin host.

use std::{
    sync::OnceLock,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use sender_shared::{Email, Failure, Guest, Receipt};
use spin_sdk::experimental::wasi::keyvalue::{batch, store::Bucket};
use spin_store::StoreError as HostError;

use crate::{KeyValue, Mail, Sandbox, Simulation, StoreError, journal::UnixMillis};

/// The sender, as an implementation of `wit/sender`.
#[derive(Debug)]
pub struct Sender;

impl Guest for Sender {
    async fn send(email: Email) -> Result<Receipt, Failure> {
        let mail = Mail::try_from(email)
            .map_err(|error| Failure::Rejected(format!("the notification id: {error}")))?;
        let delay = Simulation::of(&mail.to).delay();
        if delay > Duration::ZERO {
            spin_sdk::time::sleep(delay).await;
        }
        let sandbox = sandbox().map_err(|error| Failure::Transient(error.to_string()))?;
        sandbox.send(&mail, now())
    }
}

#[cfg(target_family = "wasm")]
mod exports {
    use bytes::Bytes;
    use http_shared::HostResponse;
    use sender_shared::bindings;
    use spin_sdk::{
        http::{FullBody, Request},
        http_service, variables,
    };

    use super::{Sender, sandbox};
    use crate::page::{self, Access};

    bindings::export!(Sender with_types_in bindings);

    #[http_service]
    async fn handle(request: Request) -> HostResponse<FullBody<Bytes>> {
        let (request, _) = request.into_parts();
        // If the variable cannot be read, the page stays closed.
        let dev_mail = variables::get(Access::VARIABLE).await.unwrap_or_default();
        let response = page::respond(&request, Access::of(&dev_mail), sandbox);
        HostResponse(response.map(FullBody::new))
    }
}

fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = since.unwrap_or_default().as_millis();
    UnixMillis(u64::try_from(millis).unwrap_or(u64::MAX))
}

/// Returns the sandbox, which lives as long as the instance.
fn sandbox() -> Result<&'static Sandbox<&'static Bucket>, StoreError> {
    static SANDBOX: OnceLock<Sandbox<&'static Bucket>> = OnceLock::new();
    if let Some(sandbox) = SANDBOX.get() {
        return Ok(sandbox);
    }
    let store = spin_store::open_default()?;
    Ok(SANDBOX.get_or_init(|| Sandbox::new(store)))
}

impl KeyValue for Bucket {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(Bucket::get(self, key).map_err(HostError::from)?)
    }

    fn get_many(&self, keys: &[String]) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let pairs = batch::get_many(self, keys).map_err(HostError::from)?;
        let present = pairs
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?)));
        Ok(present.collect())
    }

    fn set_many(&self, entries: Vec<(String, Vec<u8>)>) -> Result<(), StoreError> {
        Ok(batch::set_many(self, &entries).map_err(HostError::from)?)
    }
}
