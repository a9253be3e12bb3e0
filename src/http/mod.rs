//! HTTP: one request in, one response out.
//!
//! Routing is by [axum]; what every request and every response has in common is here. Both path
//! families lead to the same routes ([`path`]), every error leaves as a problem document
//! ([`problem`]), and every body has a `Content-Length`: without one, hosts send head and body in
//! two writes, and a connection that is kept alive then waits for a delayed acknowledgement.
//! Nothing is to be stored by a cache that does not say so itself.

mod app;
mod authentication;
mod body;
mod configuration;
mod cursor;
mod error;
mod links;
#[cfg(test)]
mod openapi;
mod path;
mod problem;
mod query;
mod routes;
mod spelling;
mod view;

use axum::{Router, body::Body, response::Response};
use bytes::Bytes;
use http::{
    HeaderValue, Method, Request, StatusCode,
    header::{CACHE_CONTROL, CONTENT_LENGTH, X_CONTENT_TYPE_OPTIONS},
};
use http_body::Body as _;
use tower_service::Service as _;

pub use app::{App, Host};
use problem::Problem;

use crate::trace::TraceId;

/// The API, served to one host; cheap to clone.
#[derive(Clone)]
pub struct Api(Router);

impl Api {
    /// The API over this application.
    pub fn new<H: Host>(app: App<H>) -> Self {
        Self(routes::router().with_state(app))
    }

    /// Answers a request.
    pub async fn handle<B>(&self, mut request: Request<B>) -> Response
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<axum::BoxError>,
    {
        let trace = TraceId::of(request.headers());
        let head = request.method() == Method::HEAD;
        request.extensions_mut().insert(trace);
        path::route(&mut request);
        let response = match self.0.clone().call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        finish(response, trace, head)
    }
}

/// Writes the problem document of an error, the length of what is sent, and the headers that every
/// response has.
fn finish(mut response: Response, trace: TraceId, head: bool) -> Response {
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        response = problem.write(trace);
    }
    let status = response.status();
    if status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED {
        // RFC 9110, section 8.6: such a response has no length of its own.
        response.headers_mut().remove(CONTENT_LENGTH);
    } else if let Some(length) = response.body().size_hint().exact() {
        let length = HeaderValue::from(length);
        response
            .headers_mut()
            .entry(CONTENT_LENGTH)
            .or_insert(length);
    }
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Of a few responses the client may keep a copy; these say so themselves.
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    if head {
        *response.body_mut() = Body::empty();
    }
    response
}
