//! The WebAssembly component.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response};
use sender_http::Unreachable;
use sender_shared::{Email, Failure, Guest, Receipt, optional_variable, variable};

use crate::{
    delivery::{self, Ports},
    settings::Settings,
};

/// The time limit of the request.
const TIME_LIMIT: Duration = Duration::from_secs(25);

/// The sender, as an implementation of `wit/sender`.
#[derive(Debug)]
pub struct Resend;

impl Guest for Resend {
    async fn send(email: Email) -> Result<Receipt, Failure> {
        let key = variable("resend_api_key").await?;
        let endpoint = optional_variable("resend_endpoint").await?;
        // The email is not at fault: it waits until the configuration is fixed.
        let settings = Settings::parse(&key, &endpoint)
            .map_err(|error| Failure::Transient(format!("configuration: {error}")))?;
        delivery::deliver(&SpinPorts, &settings, &email).await
    }
}

#[cfg(target_family = "wasm")]
sender_shared::bindings::export!(Resend with_types_in sender_shared::bindings);

struct SpinPorts;

impl Ports for SpinPorts {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Unreachable> {
        sender_http::call(request, TIME_LIMIT).await
    }

    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}
