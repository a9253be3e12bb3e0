//! Problem documents (RFC 9457) of the components around the order component.

use http::{HeaderMap, StatusCode};
use serde::Serialize;

use crate::TraceId;

/// A problem document, in the form of the API's.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProblemDocument {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'static str,
    trace_id: String,
}

impl ProblemDocument {
    /// The media type of a problem document.
    pub const MEDIA_TYPE: &str = "application/problem+json";

    /// Creates the document for a status that a section of RFC 9110 defines, with the trace id of
    /// the request.
    #[must_use]
    pub fn new(
        status: StatusCode,
        section: &str,
        detail: &'static str,
        request: &HeaderMap,
    ) -> Self {
        Self {
            r#type: format!("https://tools.ietf.org/html/rfc9110#section-{section}"),
            title: status.canonical_reason().unwrap_or_default(),
            status: status.as_u16(),
            detail,
            trace_id: TraceId::of(request).traceparent(),
        }
    }
}
