//! Problem documents (RFC 9457), like the API's.

use http::{HeaderMap, StatusCode};
use serde::Serialize;

use crate::{StoreError, trace::TraceId};

/// The reason why a request fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    /// The page is closed, or the path does not exist.
    NoSuchPath,
    NoSuchMail,
    MethodNotAllowed,
    InvalidLimit,
    InvalidFormat,
    /// The store cannot be used.
    Unavailable,
}

/// The problem document.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'static str,
    trace_id: String,
}

impl From<StoreError> for Problem {
    // The store's text stays internal.
    fn from(_: StoreError) -> Self {
        Self::Unavailable
    }
}

impl Problem {
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::NoSuchPath | Self::NoSuchMail => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::InvalidLimit | Self::InvalidFormat => StatusCode::BAD_REQUEST,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Returns the document, with the trace id of the request.
    pub(super) fn document(self, request: &HeaderMap) -> Document {
        let (section, detail) = match self {
            Self::NoSuchPath => ("15.5.5", "There is nothing at this path."),
            Self::NoSuchMail => ("15.5.5", "There is no such email."),
            Self::MethodNotAllowed => ("15.5.6", "This path is only read: use GET."),
            Self::InvalidLimit => ("15.5.1", "The limit must be a number."),
            Self::InvalidFormat => ("15.5.1", "The format must be html or json."),
            Self::Unavailable => ("15.6.4", "The emails cannot be read now."),
        };
        let status = self.status();
        Document {
            r#type: format!("https://tools.ietf.org/html/rfc9110#section-{section}"),
            title: status.canonical_reason().unwrap_or_default(),
            status: status.as_u16(),
            detail,
            trace_id: TraceId::of(request).traceparent(),
        }
    }
}
