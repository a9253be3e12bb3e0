//! The responses: 202, or a problem document.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use email_orders::order::{OrderId, Violations};
use http::{StatusCode, header::LOCATION};
use serde_json::json;

/// The response 202. Recipients without an address are not looked up.
pub(crate) struct Accepted(pub(crate) OrderId);

impl IntoResponse for Accepted {
    fn into_response(self) -> Response {
        let location = format!("/order/{}", self.0);
        let document = json!({ "orderId": self.0 });
        (StatusCode::ACCEPTED, [(LOCATION, location)], Json(document)).into_response()
    }
}

/// Why an order is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("no valid token")]
    Unauthenticated,
    #[error("the token has none of the scopes")]
    Forbidden,
    #[error("one or more validation errors")]
    Invalid(Violations),
    #[error("the store: {0}")]
    Store(#[from] rusqlite::Error),
    #[error("the order as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl From<Violations> for Refusal {
    fn from(violations: Violations) -> Self {
        Self::Invalid(violations)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::Store(_) | Self::Json(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let keys: Vec<_> = match &self {
            Self::Invalid(violations) => violations.keys().collect(),
            _ => Vec::new(),
        };
        let problem =
            json!({ "status": status.as_u16(), "detail": self.to_string(), "errors": keys });
        (status, Json(problem)).into_response()
    }
}
