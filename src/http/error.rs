//! The errors of the API. Each is one answer; see [`Problem`].

use http::{HeaderName, HeaderValue, StatusCode, header};

use super::{body::MediaTypes, health::HealthReport, problem::Problem};
use crate::order::{NotCancellable, Violations};

/// The realm of challenges (RFC 9110, section 11.5).
const REALM: &str = "email-orders";

/// After how many seconds a client should try again if the service is unavailable.
const RETRY_AFTER_SECONDS: u16 = 5;

/// An error as the client is told it. [`Failure`](super::failure::Failure) adds the cause for the log.
#[derive(Debug)]
pub(super) enum ApiError {
    /// No route has this path.
    UnknownPath,
    /// The path has other methods.
    MethodNotAllowed { allowed: &'static str },
    /// No credential is valid.
    Unauthenticated { wanted: Credential, presented: bool },
    /// A credential is valid, but does not authorize the request.
    Forbidden {
        detail: &'static str,
        scopes: String,
    },
    /// No trigger key is configured, so no request is authorized.
    NoTriggerKey,
    /// The media type is not accepted.
    UnsupportedMediaType(MediaTypes),
    /// The body is compressed, or has another content coding.
    UnsupportedContentCoding,
    /// The body is larger than the limit.
    ContentTooLarge { limit: usize },
    /// The store does not take an order as large as this one.
    OrderTooLarge,
    /// The body ended early.
    BodyCutShort,
    /// Members, or parts of the path or the query, break rules.
    Invalid(Violations),
    /// The creator has no order with this id.
    UnknownOrder,
    /// No sender of this name accepts delivery reports.
    UnknownSender,
    /// `If-Match` does not name the current document.
    PreconditionFailed,
    /// The order cannot be cancelled.
    NotCancellable(NotCancellable),
    /// The order is not completed, so it cannot be delivered again.
    NotCompleted,
    /// The content of the order is erased, so it cannot be delivered again.
    ContentErased,
    /// The body is not a delivery report.
    NotAReport,
    /// Another request with this idempotency key is being stored.
    KeyInUse,
    /// The idempotency key was used for a different request.
    KeyReused,
    /// The service needs attention.
    Unhealthy {
        fault: String,
        report: Box<HealthReport>,
    },
    /// The configuration, the store or an issuer cannot be used. The log says why.
    Unavailable,
}

/// The credential that a route requires.
#[derive(Debug, Clone, Copy)]
pub(super) enum Credential {
    /// A bearer token or a platform access token.
    Token,
    /// The trigger key.
    TriggerKey,
    /// The signature of a webhook.
    Signature,
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

impl From<ApiError> for Problem {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::UnknownPath => {
                Self::new(StatusCode::NOT_FOUND, "There is nothing at this path.")
            }
            ApiError::MethodNotAllowed { allowed } => Self::new(
                StatusCode::METHOD_NOT_ALLOWED,
                format!("This path accepts {allowed}."),
            )
            .with_header(header::ALLOW, HeaderValue::from_static(allowed)),
            ApiError::Unauthenticated { wanted, presented } => unauthenticated(wanted, presented),
            ApiError::Forbidden { detail, scopes } => forbidden(detail, &scopes),
            ApiError::NoTriggerKey => Self::new(
                StatusCode::FORBIDDEN,
                "No key is configured, so this operation is closed.",
            )
            .with_challenge(&format!("Bearer realm=\"{REALM}\"")),
            ApiError::UnsupportedMediaType(media_types) => {
                let list = media_types.list();
                let problem = Self::new(
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    format!("Send the body as JSON, with the Content-Type {list}."),
                );
                match HeaderValue::from_str(&list) {
                    Ok(list) => problem.with_header(HeaderName::from_static("accept-post"), list),
                    Err(_) => problem,
                }
            }
            ApiError::UnsupportedContentCoding => Self::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Send the body uncompressed, without a Content-Encoding.",
            )
            .with_header(
                header::ACCEPT_ENCODING,
                HeaderValue::from_static("identity"),
            ),
            ApiError::ContentTooLarge { limit } => Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("The body must not have more than {limit} bytes."),
            ),
            ApiError::OrderTooLarge => Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "The order is larger than can be stored; split it, or shorten its body.",
            ),
            ApiError::BodyCutShort => Self::new(
                StatusCode::BAD_REQUEST,
                "The body ended before it was complete; send it again.",
            ),
            ApiError::Invalid(violations) => Self::of_violations(violations),
            ApiError::UnknownOrder => {
                Self::new(StatusCode::NOT_FOUND, "You have no order with this id.")
            }
            ApiError::UnknownSender => Self::new(
                StatusCode::NOT_FOUND,
                "No sender of this name accepts delivery reports.",
            ),
            ApiError::PreconditionFailed => Self::new(
                StatusCode::PRECONDITION_FAILED,
                "The order's status has changed since the version that If-Match names; read it again.",
            ),
            ApiError::NotCancellable(reason) => Self::new(StatusCode::CONFLICT, reason.to_string()),
            ApiError::NotCompleted => Self::new(
                StatusCode::CONFLICT,
                "Only a completed order can be delivered again; wait until this one is.",
            ),
            ApiError::ContentErased => Self::new(
                StatusCode::CONFLICT,
                "The content of this order is erased, so it cannot be delivered again.",
            ),
            ApiError::NotAReport => Self::new(
                StatusCode::BAD_REQUEST,
                "The body must be a delivery report, or a list of them, as JSON.",
            ),
            ApiError::KeyInUse => Self::new(
                StatusCode::CONFLICT,
                "A request with this Idempotency-Key is being stored; send it again.",
            )
            .with_header(header::RETRY_AFTER, HeaderValue::from(1)),
            ApiError::KeyReused => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "This Idempotency-Key was used for a different order; use a new one.",
            ),
            ApiError::Unhealthy { fault, report } => Self::of_health(fault, report)
                .with_header(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS)),
            ApiError::Unavailable => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "The service cannot do this now; try again later.",
            )
            .with_header(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS)),
        }
    }
}

/// Names an error only if a credential was presented (RFC 6750, section 3.1).
fn unauthenticated(wanted: Credential, presented: bool) -> Problem {
    let detail = match (wanted, presented) {
        (Credential::Token, true) => {
            "The token is not valid; get a new one from an issuer that this API trusts."
        }
        (Credential::Token, false) => {
            "Present a token: Authorization: Bearer <token>, or PlatformAccessToken: <token>."
        }
        (Credential::TriggerKey, true) => "This is not the trigger key.",
        (Credential::TriggerKey, false) => "Present the trigger key: Authorization: Bearer <key>.",
        (Credential::Signature, _) => {
            "The signature is not that of this message, or the message is too old."
        }
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
