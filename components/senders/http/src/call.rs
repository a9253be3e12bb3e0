//! Requests in bounded time and size.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use sender_shared::within;
use spin_sdk::wasip3::http::types::ErrorCode;

/// The maximum size of a response body.
const MAX_RESPONSE: usize = 64 * 1024;

/// The service did not respond.
#[derive(Debug, thiserror::Error)]
pub enum Unreachable {
    /// The host does not let the component connect.
    #[error("configuration: allowed_outbound_hosts does not include the service")]
    Denied,
    /// Anything else.
    #[error("the service: {0}")]
    Failed(String),
}

impl From<ErrorCode> for Unreachable {
    fn from(code: ErrorCode) -> Self {
        match code {
            ErrorCode::HttpRequestDenied => Self::Denied,
            code => Self::Failed(code.to_string()),
        }
    }
}

/// Sends a request and reads the whole response, within a time limit.
pub async fn call(
    request: Request<Bytes>,
    limit: Duration,
) -> Result<Response<Bytes>, Unreachable> {
    let response = within(limit, exchange(request)).await;
    response.unwrap_or_else(|| {
        let text = format!("no response within {} s", limit.as_secs());
        Err(Unreachable::Failed(text))
    })
}

async fn exchange(request: Request<Bytes>) -> Result<Response<Bytes>, Unreachable> {
    let response = spin_sdk::http::send(request.map(Full::new)).await;
    let (head, body) = response?.into_parts();
    let body = Limited::new(body, MAX_RESPONSE).collect().await;
    let body = body.map_err(|error| Unreachable::Failed(error.to_string()))?;
    Ok(Response::from_parts(head, body.to_bytes()))
}
