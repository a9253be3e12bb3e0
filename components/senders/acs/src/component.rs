//! The WebAssembly component.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response};
use sender_http::Unreachable;
use sender_shared::{Email, Failure, Guest, Receipt, variable};
use spin_sdk::time::sleep;

use crate::{
    delivery::{self, Ports},
    settings::Settings,
};

/// The time limit of one request.
const TIME_LIMIT: Duration = Duration::from_secs(7);

/// The sender, as an implementation of `wit/sender`.
#[derive(Debug)]
pub struct AzureCommunicationServices;

impl Guest for AzureCommunicationServices {
    async fn send(email: Email) -> Result<Receipt, Failure> {
        let settings = settings().await?;
        delivery::deliver(&SpinPorts, &settings, &email).await
    }
}

#[cfg(target_family = "wasm")]
sender_shared::bindings::export!(AzureCommunicationServices with_types_in sender_shared::bindings);

async fn settings() -> Result<Settings, Failure> {
    let endpoint = variable("acs_endpoint").await?;
    let key = variable("acs_access_key").await?;
    let follow_seconds = variable("acs_follow_seconds").await?;
    let settings = Settings::parse(&endpoint, &key, &follow_seconds);
    // The email is not at fault: it waits until the configuration is fixed.
    settings.map_err(|error| Failure::Transient(format!("configuration: {error}")))
}

struct SpinPorts;

impl Ports for SpinPorts {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Unreachable> {
        sender_http::call(request, TIME_LIMIT).await
    }

    async fn sleep(&self, duration: Duration) {
        sleep(duration).await;
    }

    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}
