//! HTTP: one request in, one response out.
//!
//! [axum] routes. This module does what all requests and responses have in common:
//!
//! - Both families of paths lead to the same routes ([`path`]).
//! - Every error becomes a problem document ([`problem`]), and one line of the log if the log can
//!   say more than the client was told ([`endpoint`]).
//! - Caches store nothing, unless the route sets `Cache-Control` itself.
//! - Every body has a `Content-Length`. axum's router sets it, because it knows the size of every
//!   body here. Spin 4.1 depends on it: it sends head and body in two writes, without TCP_NODELAY, if
//!   the length is unknown, and a kept-alive connection then waits for a delayed acknowledgement
//!   (40 ms). Nothing depends on the header any more once Spin sets TCP_NODELAY.

mod app;
mod authentication;
mod body;
mod conditional;
mod configuration;
mod context;
mod cursor;
mod endpoint;
mod error;
mod failure;
mod health;
mod links;
#[cfg(test)]
mod openapi;
mod path;
mod problem;
mod query;
mod routes;
#[cfg(test)]
mod tests;
mod view;

use axum::{Router, response::Response};
use bytes::Bytes;
use http::{
    HeaderValue, Request, StatusCode,
    header::{CACHE_CONTROL, CONTENT_LENGTH, X_CONTENT_TYPE_OPTIONS},
};
use tower_service::Service as _;

pub use app::{App, Host};

/// The API on one host. Cloning it is cheap.
#[derive(Clone)]
pub struct Api(Router);

impl Api {
    /// Returns the API of this application.
    pub fn new<H: Host>(app: App<H>) -> Self {
        Self(routes::router().with_state(app))
    }

    /// Answers a request.
    pub async fn handle<B>(&self, mut request: Request<B>) -> Response
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<axum::BoxError>,
    {
        path::normalize(&mut request);
        let mut response = match self.0.clone().call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        finish(&mut response);
        response
    }
}

/// Adds the headers that every response has.
fn finish(response: &mut Response) {
    let status = response.status();
    let headers = response.headers_mut();
    if status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED {
        // These have no length of their own (RFC 9110, section 8.6).
        headers.remove(CONTENT_LENGTH);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
}
