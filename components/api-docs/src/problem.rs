//! Problem documents (RFC 9457), like the API's.

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};
use serde_json::json;

use crate::trace::TraceId;

/// Why a request is not answered with what is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Problem {
    NotFound,
    MethodNotAllowed,
}

impl Problem {
    /// The answer, in the trace of the request.
    pub(crate) fn answer(self, request: &HeaderMap) -> Response<Bytes> {
        let (status, section, title, detail) = match self {
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "15.5.5",
                "Not Found",
                "There is nothing at this path.",
            ),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "15.5.6",
                "Method Not Allowed",
                "This path is only read: use GET.",
            ),
        };
        let document = json!({
            "type": format!("https://tools.ietf.org/html/rfc9110#section-{section}"),
            "title": title,
            "status": status.as_u16(),
            "detail": detail,
            "traceId": TraceId::of(request).traceparent(),
        });
        let mut response = Response::new(Bytes::from(document.to_string()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        let media_type = HeaderValue::from_static("application/problem+json");
        headers.insert(CONTENT_TYPE, media_type);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}
