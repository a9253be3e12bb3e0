//! Outbound HTTP, with limits of size and time.

use std::{error::Error, time::Duration};

use bytes::Bytes;
use http::{Request, Response, StatusCode, header, request};
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use send_wrapper::SendWrapper;
use spin_sdk::http::{EmptyBody, send};

use super::clock::within;
use crate::auth::{FetchError, Fetched, error_kind};

/// The largest body that is read.
const MAX_BYTES: usize = 256 * 1024;

/// The most time that a whole exchange may take.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// GETs a URL. Hosts do not follow redirects, so a redirect counts as any other status.
pub(super) async fn get(url: &str) -> Result<Fetched, FetchError> {
    in_time(exchange(url)).await
}

/// Limits an exchange, and everything that belongs to it, to [`TIME_LIMIT`].
pub(super) fn in_time<T: Send>(
    exchange: impl Future<Output = Result<T, FetchError>>,
) -> impl Future<Output = Result<T, FetchError>> + Send {
    // The component is single-threaded, so the future never moves to another thread.
    let limited = SendWrapper::new(within(TIME_LIMIT, exchange));
    async move {
        let late = || FetchError::NoAnswer("it took too long".to_owned());
        limited.await.unwrap_or_else(|| Err(late()))
    }
}

/// GETs a URL without a time limit.
pub(super) async fn exchange(url: &str) -> Result<Fetched, FetchError> {
    let request = Request::get(url).header(header::ACCEPT, "application/json");
    let (head, body) = answer(request).await?.into_parts();
    if head.status != StatusCode::OK {
        return Err(FetchError::Status(head.status.as_u16()));
    }
    Ok(Fetched {
        body: content(body).await?,
        headers: head.headers,
    })
}

/// Sends a request without a body, and reads the whole response, whatever its status.
pub(super) async fn whole(request: request::Builder) -> Result<Response<Bytes>, FetchError> {
    let (head, body) = answer(request).await?.into_parts();
    Ok(Response::from_parts(head, content(body).await?))
}

async fn answer(request: request::Builder) -> Result<spin_sdk::http::Response, FetchError> {
    let request = request
        .body(EmptyBody::new())
        .map_err(|error| no_answer(&error))?;
    send(request).await.map_err(|error| no_answer(&error))
}

/// Reads a body of at most [`MAX_BYTES`].
async fn content<B>(body: B) -> Result<Bytes, FetchError>
where
    B: Body,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    match Limited::new(body, MAX_BYTES).collect().await {
        Ok(content) => Ok(content.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(FetchError::TooLarge(MAX_BYTES)),
        Err(error) => Err(no_answer(&error)),
    }
}

fn no_answer(error: &dyn std::fmt::Debug) -> FetchError {
    FetchError::NoAnswer(error_kind(error))
}
