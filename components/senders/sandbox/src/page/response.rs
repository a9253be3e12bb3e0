//! Responses, each with a content security policy that isolates the mail.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use http_shared::ProblemDocument;
use maud::Markup;
use serde::Serialize;

use super::problem::Problem;
use crate::mail::{ContentType, Mail};

const STYLE: &str = include_str!("style.css");

/// The policy of a page: loads its own style sheet and frames its own bodies.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; frame-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The policy of a body: sandboxed also if it is opened outside the frame.
const BODY_POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; \
     img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/// The policy of all other responses: loads nothing.
const NOTHING_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");

/// The seconds after which a client may retry if the store fails.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("5");

pub(super) fn page(markup: Markup) -> Response<Bytes> {
    respond(StatusCode::OK, HTML, PAGE_POLICY, markup.into_string())
}

pub(super) fn body(mail: Mail) -> Response<Bytes> {
    let media_type = match mail.content_type {
        ContentType::Html => HTML,
        ContentType::Plain => TEXT,
    };
    respond(StatusCode::OK, media_type, BODY_POLICY, mail.body)
}

pub(super) fn style() -> Response<Bytes> {
    let media_type = "text/css; charset=utf-8";
    respond(StatusCode::OK, media_type, NOTHING_POLICY, STYLE)
}

pub(super) fn json(document: &impl Serialize) -> Response<Bytes> {
    as_json(StatusCode::OK, "application/json", document)
}

/// Builds the response for a problem.
pub(super) fn problem(problem: Problem, request: &HeaderMap) -> Response<Bytes> {
    let document = problem.document(request);
    let mut response = as_json(problem.status(), ProblemDocument::MEDIA_TYPE, &document);
    let header = match problem {
        Problem::MethodNotAllowed => Some((header::ALLOW, METHODS)),
        Problem::Unavailable => Some((header::RETRY_AFTER, RETRY_AFTER)),
        _ => None,
    };
    response.headers_mut().extend(header);
    response
}

/// Builds the response to OPTIONS.
pub(super) fn options() -> Response<Bytes> {
    let mut response = respond(StatusCode::NO_CONTENT, TEXT, NOTHING_POLICY, Bytes::new());
    let headers = response.headers_mut();
    headers.insert(header::ALLOW, METHODS);
    // A 204 has no `Content-Length` (RFC 9110, section 8.6).
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::CONTENT_TYPE);
    response
}

fn as_json(
    status: StatusCode,
    media_type: &'static str,
    document: &impl Serialize,
) -> Response<Bytes> {
    // Cannot fail: the documents have string keys only.
    let text = serde_json::to_vec(document).unwrap_or_default();
    respond(status, media_type, NOTHING_POLICY, text)
}

/// Removes the body, for HEAD. Keeps the headers.
pub(super) fn without_body(response: Response<Bytes>) -> Response<Bytes> {
    response.map(|_| Bytes::new())
}

fn respond(
    status: StatusCode,
    media_type: &'static str,
    policy: &'static str,
    body: impl Into<Bytes>,
) -> Response<Bytes> {
    let body = body.into();
    let length = HeaderValue::from(body.len());
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, length);
    for (name, value) in [
        (header::CONTENT_TYPE, media_type),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
