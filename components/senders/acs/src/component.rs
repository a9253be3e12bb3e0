//! The WebAssembly component.

use std::{
    pin::pin,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use futures_util::future::{Either, select};
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use spin_sdk::{time::sleep, variables};

use crate::{
    bindings::exports::email_orders::sender::sender::{Email, Failure, Guest, Receipt},
    delivery::{self, Host, Unreachable},
    settings::Settings,
};

/// How long one request may take.
const TIME_LIMIT: Duration = Duration::from_secs(7);

/// How much an answer may hold.
const LARGEST_ANSWER: usize = 64 * 1024;

struct AzureCommunicationServices;

impl Guest for AzureCommunicationServices {
    async fn send(email: Email) -> Result<Receipt, Failure> {
        let settings = settings().await?;
        delivery::deliver(&SpinHost, &settings, &email).await
    }
}

#[cfg(target_family = "wasm")]
crate::bindings::export!(AzureCommunicationServices with_types_in crate::bindings);

async fn settings() -> Result<Settings, Failure> {
    let endpoint = variable("acs_endpoint").await?;
    let key = variable("acs_access_key").await?;
    let follow = variable("acs_follow_seconds").await?;
    let settings = Settings::parse(&endpoint, &key, &follow);
    // Nothing is wrong with the email: it waits until somebody mends the configuration.
    settings.map_err(|error| Failure::Transient(error.to_string()))
}

async fn variable(name: &str) -> Result<String, Failure> {
    let read = variables::get(name).await;
    read.map_err(|error| Failure::Transient(format!("the variable {name}: {error}")))
}

struct SpinHost;

impl Host for SpinHost {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Unreachable> {
        let timer = pin!(sleep(TIME_LIMIT));
        match select(pin!(exchange(request)), timer).await {
            Either::Left((answer, _)) => answer,
            Either::Right(((), _)) => Err(Unreachable(format!(
                "no answer within {} s",
                TIME_LIMIT.as_secs()
            ))),
        }
    }

    async fn sleep(&self, duration: Duration) {
        sleep(duration).await;
    }

    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

async fn exchange(request: Request<Bytes>) -> Result<Response<Bytes>, Unreachable> {
    let answer = spin_sdk::http::send(request.map(Full::new)).await;
    let (head, body) = answer
        .map_err(|code| Unreachable(code.to_string()))?
        .into_parts();
    let body = Limited::new(body, LARGEST_ANSWER).collect().await;
    let body = body.map_err(|error| Unreachable(error.to_string()))?;
    Ok(Response::from_parts(head, body.to_bytes()))
}
