//! Outbound HTTP, bounded in size and time.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use send_wrapper::SendWrapper;
use spin_sdk::http::{EmptyBody, send};

use super::clock::within;
use crate::auth::{FetchError, Fetched};

/// The most content that is read.
const MAX_BYTES: usize = 256 * 1024;

/// The most time that a whole exchange may take.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// GETs a URL. Hosts do not follow redirects, so that one counts as any other status.
pub(super) async fn get(url: &str) -> Result<Fetched, FetchError> {
    // A component has one thread, so that the future never leaves it.
    SendWrapper::new(within(TIME_LIMIT, exchange(url)))
        .await
        .unwrap_or_else(|| Err(FetchError::NoAnswer("it took too long".to_owned())))
}

async fn exchange(url: &str) -> Result<Fetched, FetchError> {
    let no_answer = |error: &dyn std::fmt::Debug| FetchError::NoAnswer(format!("{error:?}"));
    let request = Request::get(url)
        .header(header::ACCEPT, "application/json")
        .body(EmptyBody::new())
        .map_err(|error| no_answer(&error))?;
    let response = send(request).await.map_err(|error| no_answer(&error))?;
    if response.status() != StatusCode::OK {
        return Err(FetchError::Status(response.status().as_u16()));
    }
    let headers = response.headers().clone();
    let body = Limited::new(response.into_body(), MAX_BYTES)
        .collect()
        .await;
    let body: Bytes = match body {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return Err(FetchError::TooLarge(MAX_BYTES));
        }
        Err(error) => return Err(no_answer(&error)),
    };
    Ok(Fetched { body, headers })
}
