//! Problem documents (RFC 9457), and what the API promises of every one.

use std::collections::BTreeMap;

use http::{StatusCode, header};
use serde::Deserialize;

use crate::{Answer, trace::is_trace_id};

/// The title of every problem with field errors.
const FIELD_ERRORS: &str = "One or more validation errors occurred.";

/// A problem document.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "described by the RFC and the API's document")]
pub struct Problem {
    pub r#type: String,
    pub title: String,
    pub status: u16,
    pub detail: String,
    #[serde(default)]
    pub errors: BTreeMap<String, Vec<String>>,
    pub trace_id: String,
}

impl Problem {
    /// Reads and checks the problem document of an answer with an error status.
    #[track_caller]
    pub(crate) fn of(answer: &Answer) -> Self {
        let status = answer.status;
        assert!(
            status.is_client_error() || status.is_server_error(),
            "no error: {answer}"
        );
        assert_eq!(
            answer.header(header::CONTENT_TYPE),
            Some("application/problem+json"),
            "{answer}"
        );
        let problem: Self = serde_json::from_slice(&answer.body)
            .unwrap_or_else(|error| panic!("no problem document ({error}): {answer}"));

        assert_eq!(problem.status, status.as_u16(), "{answer}");
        assert_eq!(problem.r#type, type_of(status), "{answer}");
        assert!(!problem.detail.trim().is_empty(), "no detail: {answer}");
        assert!(is_trace_id(&problem.trace_id), "no trace id: {answer}");
        if problem.errors.is_empty() {
            assert_eq!(problem.title, reason_phrase(status), "{answer}");
        } else {
            assert_eq!(problem.title, FIELD_ERRORS, "{answer}");
        }
        for (key, messages) in &problem.errors {
            assert!(!messages.is_empty(), "no message under {key:?}: {answer}");
            assert!(
                messages.iter().all(|message| !message.trim().is_empty()),
                "blank message under {key:?}: {answer}"
            );
        }
        assert_headers_of(status, answer);
        answer.assert_is_private();
        problem
    }

    /// Returns the keys of its field errors, sorted.
    pub fn keys(&self) -> Vec<String> {
        self.errors.keys().cloned().collect()
    }
}

/// Asserts that an answer has the header that its status requires.
#[track_caller]
fn assert_headers_of(status: StatusCode, answer: &Answer) {
    let required = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => header::WWW_AUTHENTICATE,
        StatusCode::METHOD_NOT_ALLOWED => header::ALLOW,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => header::RETRY_AFTER,
        _ => return,
    };
    let value = answer.header(&required);
    assert!(
        value.is_some_and(|value| !value.is_empty()),
        "no {required}: {answer}"
    );
}

/// Returns the place where a status is defined.
fn type_of(status: StatusCode) -> String {
    let section = match status.as_u16() {
        code @ 400..=417 => format!("rfc9110#section-15.5.{}", code - 399),
        422 => "rfc9110#section-15.5.21".to_owned(),
        429 => "rfc6585#section-4".to_owned(),
        code @ 500..=505 => format!("rfc9110#section-15.6.{}", code - 499),
        code => panic!("the API does not answer {code}"),
    };
    format!("https://tools.ietf.org/html/{section}")
}

fn reason_phrase(status: StatusCode) -> &'static str {
    match status {
        // The names of RFC 9110; the http crate (1.4) still has those of RFC 7231 and RFC 4918.
        StatusCode::PAYLOAD_TOO_LARGE => "Content Too Large",
        StatusCode::UNPROCESSABLE_ENTITY => "Unprocessable Content",
        status => status.canonical_reason().expect("a registered status"),
    }
}
