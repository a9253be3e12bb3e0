//! The service's answers: operations and errors.

use std::time::Duration;

use bytes::Bytes;
use http::{Response, header};
use serde::Deserialize;

/// How far an operation has come.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    InProcess,
    Succeeded,
    /// Failed or cancelled, with the error's code where there is one.
    Failed(ErrorCode),
}

/// A code of the service's, as far as it may be repeated in a log: a word.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct ErrorCode {
    pub(crate) code: Option<String>,
    /// Whether the service calls an address malformed. It has no code of its own for that.
    pub(crate) about_address: bool,
}

#[derive(Default, Deserialize)]
struct Answer {
    status: Option<String>,
    #[serde(default)]
    error: Error,
}

#[derive(Default, Deserialize)]
struct Error {
    code: Option<String>,
    message: Option<String>,
}

/// How the service's message begins where an address is malformed.
const MALFORMED_ADDRESS: &str = "Invalid format for email address";

impl Operation {
    /// The operation that an answer describes; none where it describes none.
    pub(crate) fn of(response: &Response<Bytes>) -> Option<Self> {
        let answer: Answer = serde_json::from_slice(response.body()).ok()?;
        Some(match answer.status?.as_str() {
            "Succeeded" => Self::Succeeded,
            "Failed" | "Canceled" => Self::Failed(answer.error.into()),
            // NotStarted, Running, and what a later version may add.
            _ => Self::InProcess,
        })
    }
}

impl ErrorCode {
    /// The code of an error; nothing where the answer has none.
    pub(crate) fn of(response: &Response<Bytes>) -> Self {
        let answer: Answer = serde_json::from_slice(response.body()).unwrap_or_default();
        answer.error.into()
    }
}

impl From<Error> for ErrorCode {
    fn from(Error { code, message }: Error) -> Self {
        let is_word = |code: &String| {
            code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        Self {
            code: code.filter(is_word),
            about_address: message.is_some_and(|message| message.starts_with(MALFORMED_ADDRESS)),
        }
    }
}

/// How long the service asks to wait; it says so in seconds only.
pub(crate) fn retry_after(response: &Response<Bytes>) -> Option<Duration> {
    let value = response.headers().get(header::RETRY_AFTER)?;
    let seconds = value.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &str) -> Response<Bytes> {
        Response::new(Bytes::copy_from_slice(body.as_bytes()))
    }

    #[test]
    fn operations() {
        let failed = |code: Option<&str>| {
            Operation::Failed(ErrorCode {
                code: code.map(ToOwned::to_owned),
                about_address: false,
            })
        };
        for (body, operation) in [
            (
                r#"{"id":"1","status":"NotStarted"}"#,
                Some(Operation::InProcess),
            ),
            (
                r#"{"id":"1","status":"Running"}"#,
                Some(Operation::InProcess),
            ),
            (
                r#"{"id":"1","status":"Succeeded","error":{}}"#,
                Some(Operation::Succeeded),
            ),
            (r#"{"id":"1","status":"Canceled"}"#, Some(failed(None))),
            (
                r#"{"status":"Failed","error":{"code":"Abc","message":"kari@example.no"}}"#,
                Some(failed(Some("Abc"))),
            ),
            (
                r#"{"status":"Failed","error":{"code":"kari@example.no"}}"#,
                Some(failed(None)),
            ),
            (r#"{"error":{"code":"Abc"}}"#, None),
            ("<html>", None),
        ] {
            assert_eq!(Operation::of(&answer(body)), operation, "{body}");
        }
    }

    #[test]
    fn errors() {
        let error = ErrorCode::of(&answer(
            r#"{"error":{"code":"BadRequest","message":"Invalid format for email address: kari"}}"#,
        ));
        assert_eq!(error.code.as_deref(), Some("BadRequest"));
        assert!(error.about_address);
        assert_eq!(ErrorCode::of(&answer("nothing")), ErrorCode::default());
    }

    #[test]
    fn waits_are_seconds() {
        let with = |value: &str| {
            let response = Response::builder().header("retry-after", value);
            retry_after(&response.body(Bytes::new()).unwrap())
        };
        assert_eq!(with("7"), Some(Duration::from_secs(7)));
        assert_eq!(with("Tue, 14 Nov 2023 22:13:20 GMT"), None);
        assert_eq!(retry_after(&answer("")), None);
    }
}
