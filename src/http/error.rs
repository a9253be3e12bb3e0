//! Why a request is not done. Each reason is one answer; see [`Problem`].

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};

use super::{body::MediaTypes, problem::Problem};
use crate::{
    config::Unusable,
    delivery::report::ReportError,
    log,
    order::{NotCancellable, Violations},
    store::StoreError,
};

/// The realm of RFC 9110, section 11.5.
const REALM: &str = "email-orders";

/// In how many seconds to try again what is not available.
const RETRY_AFTER_SECONDS: u16 = 5;

/// Why a request is not done.
#[derive(Debug)]
pub(super) enum ApiError {
    /// No such path.
    UnknownPath,
    /// No such method on this path, but these.
    MethodNotAllowed { allowed: &'static str },
    /// No credential that holds.
    Unauthenticated { wanted: Credential, presented: bool },
    /// A credential that holds, and does not suffice.
    Forbidden {
        detail: &'static str,
        scopes: String,
    },
    /// There is no key that could let anybody in here.
    NoTriggerKey,
    /// Not of a media type that is read.
    UnsupportedMediaType(MediaTypes),
    /// Compressed, or coded otherwise.
    UnsupportedContentCoding,
    /// A larger body than is read.
    ContentTooLarge { limit: usize },
    /// The connection or the encoding ended within the body.
    BodyCutShort,
    /// Members, or parts of the path or the query, that are wrong.
    Invalid(Violations),
    /// No such order of this creator.
    UnknownOrder,
    /// No provider reports under this name.
    UnknownSender,
    /// The present document is another one than `If-Match` names.
    PreconditionFailed,
    /// The order cannot be cancelled.
    NotCancellable(NotCancellable),
    /// The body is no delivery report.
    NotAReport(ReportError),
    /// A request with this idempotency key is being stored.
    KeyInUse,
    /// The idempotency key was used for another request.
    KeyReused,
    /// The configuration or the store cannot be used; the log says why.
    Unavailable,
}

impl ApiError {
    /// A claim that was not decided: nothing was done, and a repeat may be.
    pub(super) fn inconclusive(why: &str) -> Self {
        log::error("claim inconclusive").reason(&why).write();
        Self::Unavailable
    }
}

/// What a route asks for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Credential {
    /// A bearer or a platform token.
    Token,
    /// The trigger key.
    TriggerKey,
}

impl From<Unusable> for ApiError {
    fn from(_: Unusable) -> Self {
        Self::Unavailable
    }
}

impl From<Violations> for ApiError {
    fn from(violations: Violations) -> Self {
        Self::Invalid(violations)
    }
}

impl From<NotCancellable> for ApiError {
    fn from(reason: NotCancellable) -> Self {
        Self::NotCancellable(reason)
    }
}

impl From<ReportError> for ApiError {
    fn from(reason: ReportError) -> Self {
        Self::NotAReport(reason)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        log::error("store failed").reason(&error).write();
        Self::Unavailable
    }
}

impl From<ApiError> for Problem {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::UnknownPath => {
                Self::new(StatusCode::NOT_FOUND, "There is nothing at this path.")
            }
            ApiError::MethodNotAllowed { allowed } => Self::new(
                StatusCode::METHOD_NOT_ALLOWED,
                format!("This path takes {allowed}."),
            )
            .with_header(header::ALLOW, HeaderValue::from_static(allowed)),
            ApiError::Unauthenticated { wanted, presented } => unauthenticated(wanted, presented),
            ApiError::Forbidden { detail, scopes } => forbidden(detail, &scopes),
            ApiError::NoTriggerKey => Self::new(
                StatusCode::FORBIDDEN,
                "No trigger key is configured, so nobody may do this.",
            )
            .with_challenge(&format!("Bearer realm=\"{REALM}\"")),
            ApiError::UnsupportedMediaType(media_types) => {
                let list = media_types.list();
                let problem = Self::new(
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    format!("Send the body as JSON; the Content-Type is to be {list}."),
                );
                match HeaderValue::from_str(&list) {
                    Ok(list) => problem.with_header(HeaderName::from_static("accept-post"), list),
                    Err(_) => problem,
                }
            }
            ApiError::UnsupportedContentCoding => Self::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Send the body as it is, without a Content-Encoding.",
            )
            .with_header(
                header::ACCEPT_ENCODING,
                HeaderValue::from_static("identity"),
            ),
            ApiError::ContentTooLarge { limit } => Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("The body must not have more than {limit} bytes."),
            ),
            ApiError::BodyCutShort => Self::new(
                StatusCode::BAD_REQUEST,
                "The body ended before it was complete; send it again.",
            ),
            ApiError::Invalid(violations) => Self::of_violations(violations),
            ApiError::UnknownOrder => Self::new(
                StatusCode::NOT_FOUND,
                "There is no order of yours with this id.",
            ),
            ApiError::UnknownSender => Self::new(
                StatusCode::NOT_FOUND,
                "No sender of this name takes delivery reports.",
            ),
            ApiError::PreconditionFailed => Self::new(
                StatusCode::PRECONDITION_FAILED,
                "The order's status is another one than If-Match names; read it again.",
            ),
            ApiError::NotCancellable(reason) => Self::new(StatusCode::CONFLICT, reason.to_string()),
            ApiError::NotAReport(reason) => Self::new(StatusCode::BAD_REQUEST, reason.to_string()),
            ApiError::KeyInUse => Self::new(
                StatusCode::CONFLICT,
                "A request with this Idempotency-Key is being stored; send it again.",
            )
            .with_header(header::RETRY_AFTER, HeaderValue::from(1)),
            ApiError::KeyReused => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "This Idempotency-Key was used for another order; use a new one.",
            ),
            ApiError::Unavailable => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "The service cannot do this now; try again later.",
            )
            .with_header(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS)),
        }
    }
}

/// Names an error only where a credential was presented (RFC 6750, section 3.1).
fn unauthenticated(wanted: Credential, presented: bool) -> Problem {
    let detail = match (wanted, presented) {
        (Credential::Token, true) => {
            "The token does not hold; get a new one from an issuer that this API trusts."
        }
        (Credential::Token, false) => {
            "Present a token: Authorization: Bearer <token>, or PlatformAccessToken: <token>."
        }
        (Credential::TriggerKey, true) => "This is not the trigger key.",
        (Credential::TriggerKey, false) => "Present the trigger key: Authorization: Bearer <key>.",
    };
    let error = if presented {
        ", error=\"invalid_token\""
    } else {
        ""
    };
    Problem::new(StatusCode::UNAUTHORIZED, detail)
        .with_challenge(&format!("Bearer realm=\"{REALM}\"{error}"))
}

fn forbidden(detail: &'static str, scopes: &str) -> Problem {
    let challenge =
        format!("Bearer realm=\"{REALM}\", error=\"insufficient_scope\", scope=\"{scopes}\"");
    Problem::new(StatusCode::FORBIDDEN, detail).with_challenge(&challenge)
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
