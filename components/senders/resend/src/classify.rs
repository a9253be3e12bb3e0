//! Classification of Resend's responses.
//!
//! | response | failure |
//! |---|---|
//! | 429 | rate-limited, until `Retry-After`; after a quota for an hour |
//! | 413 | too-large |
//! | 400 and 422 about the field `to` | invalid-address |
//! | 400 and 422 `validation_error`, `missing_required_field`, `invalid_attachment` | rejected |
//! | any other 4xx: 401, 403, 404, 405, 408, 409, 425, 451; 422 `invalid_from_address` | transient |
//! | 5xx, and anything else | transient |
//!
//! A wrong key, a domain that is not verified or a wrong sender address is not the email's fault, so
//! the email waits until the configuration is fixed. 409 means that the first request with this
//! notification id is still in progress.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Response, StatusCode};
use sender_http::{retry_after, whole_seconds};
use sender_shared::Failure;
use serde::Deserialize;

/// The pause after an exhausted quota, for which Resend names no time.
const QUOTA_PAUSE: Duration = Duration::from_hours(1);

/// The body of an error response. Its message may contain an address, so no text contains it.
#[derive(Default, Deserialize)]
struct ErrorBody {
    #[serde(default)]
    name: String,
    #[serde(default)]
    message: String,
}

/// Returns the failure that a response means.
pub(crate) fn response(response: &Response<Bytes>, now: SystemTime) -> Failure {
    let status = response.status();
    let error: ErrorBody = serde_json::from_slice(response.body()).unwrap_or_default();
    let name = if is_safe(&error.name) {
        error.name.as_str()
    } else {
        ""
    };
    let text = format!("the service answers {} {name}", status.as_u16());
    let text = text.trim_end().to_owned();
    match (status, name) {
        (StatusCode::TOO_MANY_REQUESTS, "daily_quota_exceeded" | "monthly_quota_exceeded") => {
            Failure::RateLimited(Some(whole_seconds(QUOTA_PAUSE)))
        }
        (StatusCode::TOO_MANY_REQUESTS, _) => {
            Failure::RateLimited(retry_after(response, now).map(whole_seconds))
        }
        (StatusCode::PAYLOAD_TOO_LARGE, _) => Failure::TooLarge(text),
        (
            StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY,
            "validation_error" | "missing_required_field" | "invalid_attachment" | "",
        ) => by_field(&error.message, text),
        _ if status.is_client_error() && is_about_configuration(status) => {
            Failure::Transient(format!("configuration: {text}"))
        }
        _ => Failure::Transient(text),
    }
}

/// Returns the failure of an error about one field. The message names the field, because Resend has
/// no error name for a malformed address.
fn by_field(message: &str, text: String) -> Failure {
    if message.contains("`to`") {
        Failure::InvalidAddress(text)
    } else if message.contains("`from`") || message.contains("API key") {
        Failure::Transient(format!("configuration: {text}"))
    } else {
        Failure::Rejected(text)
    }
}

fn is_about_configuration(status: StatusCode) -> bool {
    !matches!(
        status,
        StatusCode::REQUEST_TIMEOUT | StatusCode::CONFLICT | StatusCode::TOO_EARLY
    )
}

fn is_safe(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    name.len() <= 64 && name.bytes().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    fn classify(status: u16, name: &str, message: &str) -> Failure {
        let body = format!(r#"{{"statusCode":{status},"name":"{name}","message":"{message}"}}"#);
        let response = Response::builder().status(status).body(body.into());
        super::response(&response.unwrap(), UNIX_EPOCH)
    }

    #[test]
    fn response_of_each_error_returns_its_failure() {
        use Failure::{InvalidAddress, Rejected, TooLarge, Transient};
        type Row = (u16, &'static str, &'static str, fn(String) -> Failure);
        let table: &[Row] = &[
            (400, "validation_error", "about kari@example.no", Rejected),
            (400, "validation_error", "API key is invalid", Transient),
            (400, "invalid_idempotency_key", "", Transient),
            (401, "missing_api_key", "", Transient),
            (
                403,
                "validation_error",
                "The domain is not verified",
                Transient,
            ),
            (404, "not_found", "", Transient),
            (405, "method_not_allowed", "", Transient),
            (408, "", "", Transient),
            (409, "concurrent_idempotent_requests", "", Transient),
            (413, "", "", TooLarge),
            (
                422,
                "validation_error",
                "Invalid `to` field.",
                InvalidAddress,
            ),
            (422, "validation_error", "Invalid `from` field.", Transient),
            (
                422,
                "invalid_from_address",
                "Invalid `from` field.",
                Transient,
            ),
            (
                422,
                "missing_required_field",
                "Missing `subject`.",
                Rejected,
            ),
            (425, "", "", Transient),
            (451, "security_error", "", Transient),
            (500, "application_error", "", Transient),
            (503, "", "", Transient),
            (302, "", "", Transient),
        ];
        for (status, name, message, expected) in table {
            let failure = classify(*status, name, message);
            let same = std::mem::discriminant(&failure)
                == std::mem::discriminant(&expected(String::new()));
            assert!(same, "{status} {name}: {failure:?}");
        }
    }

    #[test]
    fn response_about_a_rate_waits_as_long_as_it_says() {
        let with = |wait: &str| {
            let response = Response::builder().status(429).header("retry-after", wait);
            super::response(&response.body(Bytes::new()).unwrap(), UNIX_EPOCH)
        };
        assert_eq!(with("2"), Failure::RateLimited(Some(2)));
        assert_eq!(
            with("Thu, 01 Jan 1970 00:00:09 GMT"),
            Failure::RateLimited(Some(9))
        );
        let limit = classify(429, "rate_limit_exceeded", "");
        assert_eq!(limit, Failure::RateLimited(None));
        let quota = classify(429, "daily_quota_exceeded", "");
        assert_eq!(quota, Failure::RateLimited(Some(3600)));
    }

    #[test]
    fn response_failure_text_omits_the_message() {
        assert_eq!(
            classify(400, "validation_error", "about kari@example.no"),
            Failure::Rejected("the service answers 400 validation_error".to_owned())
        );
        assert_eq!(
            classify(500, "kari@example.no", ""),
            Failure::Transient("the service answers 500".to_owned())
        );
    }
}
