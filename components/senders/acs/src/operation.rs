//! The service's responses: operations and errors.

use bytes::Bytes;
use http::Response;
use serde::Deserialize;

/// The state of an operation.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    InProgress,
    Succeeded,
    /// Failed or cancelled, with the error code if there is one.
    Failed(ErrorCode),
}

/// An error of the service, reduced to what a log may contain: a code of letters and digits.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct ErrorCode {
    pub(crate) code: Option<String>,
    /// Whether the error is about a malformed address. The service has no code for that, so its
    /// message decides.
    pub(crate) about_address: bool,
}

#[derive(Default, Deserialize)]
struct ResponseBody {
    status: Option<String>,
    #[serde(default)]
    error: Error,
}

#[derive(Default, Deserialize)]
struct Error {
    code: Option<String>,
    message: Option<String>,
}

/// The start of the service's message about a malformed address.
const MALFORMED_ADDRESS: &str = "Invalid format for email address";

impl Operation {
    /// Parses the operation of a response, if it has one.
    pub(crate) fn of(response: &Response<Bytes>) -> Option<Self> {
        let body: ResponseBody = serde_json::from_slice(response.body()).ok()?;
        Some(match body.status?.as_str() {
            "Succeeded" => Self::Succeeded,
            "Failed" | "Canceled" => Self::Failed(body.error.into()),
            // NotStarted, Running, and states that a later version may add.
            _ => Self::InProgress,
        })
    }
}

impl ErrorCode {
    /// Parses the error of a response; empty if it has none.
    pub(crate) fn of(response: &Response<Bytes>) -> Self {
        let body: ResponseBody = serde_json::from_slice(response.body()).unwrap_or_default();
        body.error.into()
    }
}

impl From<Error> for ErrorCode {
    fn from(Error { code, message }: Error) -> Self {
        let is_safe = |code: &String| {
            code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        Self {
            code: code.filter(is_safe),
            about_address: message.is_some_and(|message| message.starts_with(MALFORMED_ADDRESS)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(body: &str) -> Response<Bytes> {
        Response::new(Bytes::copy_from_slice(body.as_bytes()))
    }

    #[test]
    fn operation_of_each_body_is_parsed() {
        let failed = |code: Option<&str>| {
            Operation::Failed(ErrorCode {
                code: code.map(ToOwned::to_owned),
                about_address: false,
            })
        };
        for (body, operation) in [
            (
                r#"{"id":"1","status":"NotStarted"}"#,
                Some(Operation::InProgress),
            ),
            (
                r#"{"id":"1","status":"Running"}"#,
                Some(Operation::InProgress),
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
            assert_eq!(Operation::of(&response(body)), operation, "{body}");
        }
    }

    #[test]
    fn error_code_of_body_is_parsed() {
        let error = ErrorCode::of(&response(
            r#"{"error":{"code":"BadRequest","message":"Invalid format for email address: kari"}}"#,
        ));
        assert_eq!(error.code.as_deref(), Some("BadRequest"));
        assert!(error.about_address);
        assert_eq!(ErrorCode::of(&response("nothing")), ErrorCode::default());
    }
}
