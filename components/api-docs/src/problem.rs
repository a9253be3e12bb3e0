//! The problems that the component reports.

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};
use http_shared::ProblemDocument;

/// The reason why a request fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Problem {
    NotFound,
    MethodNotAllowed,
}

impl Problem {
    /// Builds the response, with the trace id of the request.
    pub(crate) fn respond(self, request: &HeaderMap) -> Response<Bytes> {
        let (status, section, detail) = match self {
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "15.5.5",
                "There is nothing at this path.",
            ),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "15.5.6",
                "This path accepts GET, HEAD, OPTIONS.",
            ),
        };
        let document = ProblemDocument::new(status, section, detail, request);
        // Cannot fail: the document has string keys only.
        let text = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = Response::new(Bytes::from(text));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        let media_type = HeaderValue::from_static(ProblemDocument::MEDIA_TYPE);
        headers.insert(CONTENT_TYPE, media_type);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}
