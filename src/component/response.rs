//! Conversion of responses to the types of `wasi:http`.

use std::{any::Any, error::Error};

use http_body::Body;
use spin_sdk::{
    http::IntoResponse,
    wasip3::{http::types, wit_future},
};

/// A response that has a body stream only if it has content.
///
/// Works around two facts. The SDK (7.0.0) gives each response a body stream, also an empty one. And
/// wasmtime-wasi-http (47 and 48) requires the stream to be as long as `Content-Length` says, also in
/// a response to HEAD, which states the length of GET's body. The stream then ends with an error, and
/// an HTTP/2 client sees a reset. Remove this once the SDK sends an empty body without a stream, or
/// the host checks no length for HEAD.
pub(super) struct Response<B>(pub(super) http::Response<B>);

impl<B> IntoResponse for Response<B>
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
