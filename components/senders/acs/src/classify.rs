//! Classification of the service's responses.
//!
//! | response to the send request | failure |
//! |---|---|
//! | 429; 503 with `Retry-After` | rate-limited |
//! | 401, 403, 404, 412; an error about the sender's domain or address | transient: configuration |
//! | 408, 425, any other 5xx, anything but 202 below 400 | transient |
//! | 413 | too-large |
//! | an error about the format of an address, or `InvalidEmailAddress` | invalid-address |
//! | `EmailDroppedAllRecipientsSuppressed` | suppressed |
//! | any other 4xx | rejected |
//!
//! 401, 403 and 404 are about the resource, its key and its domain: the email is not at fault, and
//! waits until the configuration is fixed. 412 means that a clock is wrong. The text of such a failure
//! begins with "configuration". An operation that fails later is classified by its error code in the
//! same way, and an unknown code means rejected. A repeat after a transient failure of an operation is
//! a new operation.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Response, StatusCode};
use sender_http::{retry_after, whole_seconds};
use sender_shared::Failure;

use crate::operation::ErrorCode;

/// Returns the failure that a response to the send request means.
pub(crate) fn response(response: &Response<Bytes>, now: SystemTime) -> Failure {
    let status = response.status();
    let wait = retry_after(response, now);
    let error = ErrorCode::of(response);
    let text = failure_text(&format!("answers {}", status.as_u16()), &error);
    match status {
        StatusCode::TOO_MANY_REQUESTS => rate_limited(wait),
        StatusCode::SERVICE_UNAVAILABLE if wait.is_some() => rate_limited(wait),
        StatusCode::UNAUTHORIZED
        | StatusCode::FORBIDDEN
        | StatusCode::NOT_FOUND
        | StatusCode::PRECONDITION_FAILED => misconfigured(text),
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY => Failure::Transient(text),
        StatusCode::PAYLOAD_TOO_LARGE => Failure::TooLarge(text),
        status if status.is_client_error() => match by_code(&error) {
            Some(failure) => failure(text),
            None => Failure::Rejected(text),
        },
        _ => Failure::Transient(text),
    }
}

/// Returns the failure that a failed operation means.
pub(crate) fn operation(error: &ErrorCode) -> Failure {
    let text = failure_text("failed the operation", error);
    match by_code(error) {
        Some(failure) => failure(text),
        None => match error.code.as_deref() {
            Some("TooManyRequests") => rate_limited(None),
            Some("InternalServerError" | "ServiceUnavailable") => Failure::Transient(text),
            _ => Failure::Rejected(text),
        },
    }
}

fn by_code(error: &ErrorCode) -> Option<fn(String) -> Failure> {
    match error.code.as_deref() {
        Some("EmailDroppedAllRecipientsSuppressed") => Some(Failure::Suppressed),
        Some("InvalidEmailAddress") => Some(Failure::InvalidAddress),
        Some("DomainNotLinked" | "InvalidSenderUserName") => Some(misconfigured),
        _ if error.about_address => Some(Failure::InvalidAddress),
        _ => None,
    }
}

/// Returns a failure that lasts until someone has changed the configuration.
fn misconfigured(text: String) -> Failure {
    Failure::Transient(format!("configuration: {text}"))
}

fn rate_limited(wait: Option<Duration>) -> Failure {
    Failure::RateLimited(wait.map(whole_seconds))
}

fn failure_text(what: &str, error: &ErrorCode) -> String {
    match &error.code {
        Some(code) => format!("the service {what}: {code}"),
        None => format!("the service {what}"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    fn classify(status: u16, wait: Option<u32>, body: &str) -> Failure {
        let mut response = Response::builder().status(status);
        if let Some(seconds) = wait {
            response = response.header("retry-after", seconds);
        }
        let body = Bytes::copy_from_slice(body.as_bytes());
        super::response(&response.body(body).unwrap(), UNIX_EPOCH)
    }

    #[test]
    fn response_of_each_status_returns_its_failure() {
        assert_eq!(classify(429, Some(30), ""), Failure::RateLimited(Some(30)));
        assert_eq!(classify(429, None, "<html>"), Failure::RateLimited(None));
        assert_eq!(classify(503, Some(5), ""), Failure::RateLimited(Some(5)));
        for status in [200, 301, 408, 425, 500, 502, 503, 504] {
            let text = format!("the service answers {status}");
            assert_eq!(classify(status, None, ""), Failure::Transient(text));
        }
        for status in [401, 403, 404, 412] {
            let text = format!("configuration: the service answers {status}");
            assert_eq!(classify(status, None, ""), Failure::Transient(text));
        }
        assert!(matches!(classify(413, None, ""), Failure::TooLarge(_)));
        let with_error = |code: &str, message: &str| {
            let body = format!(r#"{{"error":{{"code":"{code}","message":"{message}"}}}}"#);
            classify(400, None, &body)
        };
        assert_eq!(
            with_error("BadRequest", "about kari@example.no"),
            Failure::Rejected("the service answers 400: BadRequest".to_owned())
        );
        for failure in [
            with_error("InvalidEmailAddress", ""),
            with_error("BadRequest", "Invalid format for email address"),
        ] {
            assert!(matches!(failure, Failure::InvalidAddress(_)), "{failure:?}");
        }
        for code in ["DomainNotLinked", "InvalidSenderUserName"] {
            let text = format!("configuration: the service answers 400: {code}");
            assert_eq!(with_error(code, ""), Failure::Transient(text));
        }
        let suppressed = with_error("EmailDroppedAllRecipientsSuppressed", "");
        assert!(
            matches!(suppressed, Failure::Suppressed(_)),
            "{suppressed:?}"
        );
    }

    #[test]
    fn operation_of_each_code_returns_its_failure() {
        let failed = |code: &str| {
            operation(&ErrorCode {
                code: Some(code.to_owned()),
                about_address: false,
            })
        };
        let suppressed = failed("EmailDroppedAllRecipientsSuppressed");
        assert!(matches!(suppressed, Failure::Suppressed(_)));
        assert!(matches!(
            failed("InternalServerError"),
            Failure::Transient(_)
        ));
        assert!(matches!(failed("Unheard"), Failure::Rejected(_)));
        assert_eq!(failed("TooManyRequests"), Failure::RateLimited(None));
        let without_code = operation(&ErrorCode::default());
        assert_eq!(
            without_code,
            Failure::Rejected("the service failed the operation".to_owned())
        );
    }
}
