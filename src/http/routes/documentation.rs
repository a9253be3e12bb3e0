//! `GET /openapi.json` and `GET /docs`, in other spellings.
//!
//! The component `api-docs` serves the documentation. The host routes its paths to it directly.
//! Spin 4.1 compares paths byte by byte, so `/Docs` or `/docs/` come here, and this route forwards
//! them by service chaining. Remove it, with the variable `documentation`, once Spin's routes
//! ignore case and percent-encoding.

use axum::{body::Body, response::Response};
use http::{
    HeaderMap, HeaderName,
    header::{ACCEPT_ENCODING, IF_NONE_MATCH},
};

use crate::http::{app::Host, context::RequestContext, error::ApiError, failure::Failure};

/// The headers that the answer depends on.
const FORWARDED: [HeaderName; 2] = [ACCEPT_ENCODING, IF_NONE_MATCH];

/// Forwards the request to the documentation's component.
pub(super) async fn show<H: Host>(context: &RequestContext<H>) -> Result<Response, Failure> {
    // The host routes the usual spelling to that component. A request with it arrives here only if
    // there is no such component.
    if !context.path_form.is_respelled {
        return Err(ApiError::UnknownPath.into());
    }
    let mut headers = HeaderMap::new();
    for name in FORWARDED {
        for value in context.headers().get_all(&name) {
            headers.append(name.clone(), value.clone());
        }
    }
    let path = context.head.uri.path();
    let response = context.app.host().documentation(path, &headers).await;
    let response =
        response.map_err(|error| Failure::unavailable("documentation cannot be read", error))?;
    Ok(response.ok_or(ApiError::UnknownPath)?.map(Body::from))
}
