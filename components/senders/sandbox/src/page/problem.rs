//! The problems that the page reports.

use http::{HeaderMap, StatusCode};
use http_shared::ProblemDocument;

use crate::StoreError;

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
    pub(super) fn document(self, request: &HeaderMap) -> ProblemDocument {
        let (section, detail) = match self {
            Self::NoSuchPath => ("15.5.5", "There is nothing at this path."),
            Self::NoSuchMail => ("15.5.5", "There is no such email."),
            Self::MethodNotAllowed => ("15.5.6", "This path accepts GET, HEAD, OPTIONS."),
            Self::InvalidLimit => ("15.5.1", "The limit must be a number."),
            Self::InvalidFormat => ("15.5.1", "The format must be html or json."),
            Self::Unavailable => ("15.6.4", "The emails cannot be read now."),
        };
        ProblemDocument::new(self.status(), section, detail, request)
    }
}
