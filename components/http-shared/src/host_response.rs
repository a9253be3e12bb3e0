//! Responses in the form that the host accepts.

use std::{any::Any, error::Error};

use http_body::Body;
use spin_sdk::{
    http::IntoResponse,
    wasip3::{http::types, wit_future},
};

/// A response that has a body stream only if it has content.
///
/// spin-sdk (7.0.0) gives every response a body stream, and wasmtime-wasi-http (47 and 48) expects
/// the length of that stream to be `Content-Length`. A response to HEAD states the length that GET
/// would have, so the host would end it with an error, and an HTTP/2 client would see a reset
/// stream. Remove this once spin-sdk leaves an empty stream out, or the host handles HEAD.
#[derive(Debug)]
pub struct HostResponse<B>(pub http::Response<B>);

impl<B> IntoResponse for HostResponse<B>
where
    B: Body + Any,
    B::Data: Into<Vec<u8>>,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    fn into_response(self) -> Result<types::Response, types::ErrorCode> {
        let Self(response) = self;
        if !response.body().is_end_stream() {
            return response.into_response();
        }
        let (head, _) = response.into_parts();
        let headers = head
            .headers
            .try_into()
            .map_err(|_| types::ErrorCode::InternalError(None))?;
        // Dropping the writer ends the body, without trailers.
        let (_, trailers) = wit_future::new(|| Ok(None));
        let (response, _) = types::Response::new(headers, None, trailers);
        response
            .set_status_code(head.status.as_u16())
            .map_err(|()| types::ErrorCode::InternalError(None))?;
        Ok(response)
    }
}
