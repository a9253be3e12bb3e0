//! `GET /openapi.json` and `GET /docs`, in other spellings.
//!
//! The documentation has a component of its own, to which the host sends its paths as they are
//! written here. Hosts tell upper from lower case, so other spellings come here.

use axum::{Extension, response::Response};
use http::{HeaderValue, StatusCode, Uri, header::LOCATION};

use crate::http::{error::ApiError, path::Respelled};

/// Sends a client to the path as the documentation's component knows it.
pub(super) async fn moved(
    respelled: Option<Extension<Respelled>>,
    uri: Uri,
) -> Result<Response, ApiError> {
    // A path that was written so came here because there is no such component.
    let Extension(Respelled) = respelled.ok_or(ApiError::UnknownPath)?;
    let location = HeaderValue::from_str(uri.path()).map_err(|_| ApiError::UnknownPath)?;
    let mut response = Response::default();
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    response.headers_mut().insert(LOCATION, location);
    Ok(response)
}
