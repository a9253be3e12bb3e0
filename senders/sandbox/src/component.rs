//! The WebAssembly component: both exports, on a Spin host.

use std::{
    sync::OnceLock,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use spin_sdk::experimental::wasi::keyvalue::{batch, store};

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
        let sandbox = sandbox().map_err(|error| Failure::Transient(error.to_string()))?;
        sandbox.send(&mail, now())
    }
}

#[cfg(target_family = "wasm")]
mod exports {
    use bytes::Bytes;
    use spin_sdk::{
        http::{FullBody, Request},
        http_service, variables,
    };

    use super::{Sender, sandbox};
    use crate::{
        bindings,
        page::{self, Access},
        response::Response,
    };

    bindings::export!(Sender with_types_in bindings);

    #[http_service]
    async fn handle(request: Request) -> Response<FullBody<Bytes>> {
        let (request, _) = request.into_parts();
        // A variable that cannot be read opens nothing.
        let dev_mail = variables::get(Access::VARIABLE).await.unwrap_or_default();
        let answer = page::answer(&request, Access::of(&dev_mail), sandbox);
        Response(answer.map(FullBody::new))
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = since.unwrap_or_default().as_millis();
    Timestamp(u64::try_from(millis).unwrap_or(u64::MAX))
}

/// The sandbox, whose store is kept open for as long as the instance lives.
fn sandbox() -> Result<&'static Sandbox<SpinStore>, StoreError> {
    static SANDBOX: OnceLock<Sandbox<SpinStore>> = OnceLock::new();
    if let Some(sandbox) = SANDBOX.get() {
        return Ok(sandbox);
    }
    let store = store::open(LABEL).map_err(|error| failed(&error))?;
    Ok(SANDBOX.get_or_init(|| Sandbox::new(SpinStore(store))))
}

struct SpinStore(store::Bucket);

impl KeyValue for SpinStore {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.get(key).map_err(|error| failed(&error))
    }

    fn get_many(&self, keys: &[String]) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let pairs = batch::get_many(&self.0, keys).map_err(|error| failed(&error))?;
        let present = pairs
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?)));
        Ok(present.collect())
    }

    fn set_many(&self, entries: Vec<(String, Vec<u8>)>) -> Result<(), StoreError> {
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
