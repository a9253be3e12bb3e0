//! Answers, each with the policy that keeps a mail from doing anything.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use maud::Markup;
use serde::Serialize;

use crate::mail::{ContentType, Mail};

const STYLE: &str = include_str!("style.css");

/// A page loads its own style and frames its own bodies, and nothing else.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; frame-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A body is cut off even where it is opened by itself, outside the frame.
const BODY_POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; \
     img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/// What loads nothing at all.
const NOTHING_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

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
    match serde_json::to_vec(document) {
        Ok(text) => respond(StatusCode::OK, "application/json", NOTHING_POLICY, text),
        Err(error) => text(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

pub(super) fn text(status: StatusCode, text: &str) -> Response<Bytes> {
    respond(status, TEXT, NOTHING_POLICY, format!("{text}\n"))
}

/// A request that was refused before it was looked into.
pub(super) fn refusal(status: StatusCode) -> Response<Bytes> {
    let phrase = status.canonical_reason().unwrap_or_default();
    let mut response = text(status, phrase);
    if status == StatusCode::METHOD_NOT_ALLOWED {
        let methods = HeaderValue::from_static("GET, HEAD");
        response.headers_mut().insert(header::ALLOW, methods);
    }
    response
}

/// The same answer without its body.
pub(super) fn head(response: Response<Bytes>) -> Response<Bytes> {
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
