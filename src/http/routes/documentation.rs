//! `GET /openapi.json` and `GET /docs`, in other spellings.
//!
//! The documentation has a component of its own, to which the host routes its paths as they are
//! written here. Hosts compare paths byte by byte, so that other spellings come here: they are
//! answered with what that component answers.

use axum::{Extension, body::Body, extract::State, response::Response};
use http::{
    HeaderMap, HeaderName, Uri,
    header::{ACCEPT_ENCODING, IF_NONE_MATCH},
};

use crate::{
    http::{
        app::{App, Host},
        error::ApiError,
        path::Respelled,
    },
    log,
};

/// What the answer depends on.
const ASKED: [HeaderName; 2] = [ACCEPT_ENCODING, IF_NONE_MATCH];

/// Answers as the documentation's component does.
pub(super) async fn show<H: Host>(
    State(app): State<App<H>>,
    respelled: Option<Extension<Respelled>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    // A path that was written so came here because there is no such component.
    let Extension(Respelled) = respelled.ok_or(ApiError::UnknownPath)?;
    let mut asked = HeaderMap::new();
    for name in ASKED {
        for value in headers.get_all(&name) {
            asked.append(name.clone(), value.clone());
        }
    }
    let response = app.host().documentation(uri.path(), &asked).await;
    let response = response.map_err(|error| {
        log::error("documentation cannot be read")
            .reason(&error)
            .write();
        ApiError::Unavailable
    })?;
    Ok(response.ok_or(ApiError::UnknownPath)?.map(Body::from))
}
