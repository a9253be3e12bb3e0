//! Requests in bounded time and size.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use sender_shared::within;

/// The maximum size of a response body.
const MAX_RESPONSE: usize = 64 * 1024;

/// The service did not respond.
#[derive(Debug, thiserror::Error)]
#[error("the service: {0}")]
pub struct Unreachable(pub String);

/// Sends a request and reads the whole response, within a time limit.
pub async fn call(
    request: Request<Bytes>,
    limit: Duration,
) -> Result<Response<Bytes>, Unreachable> {
    let response = within(limit, exchange(request)).await;
    response.unwrap_or_else(|| {
        let text = format!("no response within {} s", limit.as_secs());
        Err(Unreachable(text))
    })
}

async fn exchange(request: Request<Bytes>) -> Result<Response<Bytes>, Unreachable> {
    let response = spin_sdk::http::send(request.map(Full::new)).await;
    let (head, body) = response
        .map_err(|code| Unreachable(code.to_string()))?
        .into_parts();
    let body = Limited::new(body, MAX_RESPONSE).collect().await;
    let body = body.map_err(|error| Unreachable(error.to_string()))?;
    Ok(Response::from_parts(head, body.to_bytes()))
}
