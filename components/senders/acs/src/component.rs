//! The WebAssembly component.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use sender_shared::{Email, Failure, Guest, Receipt, variable, within};
use spin_sdk::time::sleep;

use crate::{
    delivery::{self, Ports, Unreachable},
    settings::Settings,
};

/// The time limit of one request.
const TIME_LIMIT: Duration = Duration::from_secs(7);

/// The maximum size of a response body.
const MAX_RESPONSE: usize = 64 * 1024;

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
    settings.map_err(|error| Failure::Transient(error.to_string()))
}

struct SpinPorts;

impl Ports for SpinPorts {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Unreachable> {
        let response = within(TIME_LIMIT, call(request)).await;
        response.unwrap_or_else(|| {
            let text = format!("no response within {} s", TIME_LIMIT.as_secs());
            Err(Unreachable(text))
        })
    }

    async fn sleep(&self, duration: Duration) {
        sleep(duration).await;
    }

    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

async fn call(request: Request<Bytes>) -> Result<Response<Bytes>, Unreachable> {
    let response = spin_sdk::http::send(request.map(Full::new)).await;
    let (head, body) = response
        .map_err(|code| Unreachable(code.to_string()))?
        .into_parts();
    let body = Limited::new(body, MAX_RESPONSE).collect().await;
    let body = body.map_err(|error| Unreachable(error.to_string()))?;
    Ok(Response::from_parts(head, body.to_bytes()))
}
