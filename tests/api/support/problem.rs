//! Problem documents (RFC 9457), held against all that is promised of every one of them.

use std::collections::BTreeMap;

use http::{StatusCode, header};
use serde::Deserialize;

use super::{Answer, trace::is_trace_id};

/// The title of every problem that has field errors.
const FIELD_ERRORS: &str = "One or more validation errors occurred.";

/// A problem document.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Problem {
    pub(crate) r#type: String,
    pub(crate) title: String,
    pub(crate) status: u16,
    pub(crate) detail: String,
    #[serde(default)]
    pub(crate) errors: BTreeMap<String, Vec<String>>,
    pub(crate) trace_id: String,
}

impl Problem {
    /// Reads the problem document that an answer with an error status has to be.
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
        answer.assert_kept_by_nobody_else();
        problem
    }

    /// The keys of its field errors, sorted.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.errors.keys().cloned().collect()
    }
}

/// The headers that go with a status.
#[track_caller]
fn assert_headers_of(status: StatusCode, answer: &Answer) {
    let required = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Some(header::WWW_AUTHENTICATE),
        StatusCode::METHOD_NOT_ALLOWED => Some(header::ALLOW),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            Some(header::RETRY_AFTER)
        }
        _ => None,
    };
    if let Some(name) = required {
        let value = answer.header(&name);
        assert!(
            value.is_some_and(|value| !value.is_empty()),
            "no {name}: {answer}"
        );
    }
}

/// Where the specification defines a status.
fn type_of(status: StatusCode) -> String {
    let section = match status.as_u16() {
        code @ 400..=417 => format!("rfc9110#section-15.5.{}", code - 399),
        422 => "rfc9110#section-15.5.21".to_owned(),
        429 => "rfc6585#section-4".to_owned(),
        code @ 500..=505 => format!("rfc9110#section-15.6.{}", code - 499),
        code => panic!("{code} is not among the answers of this API"),
    };
    format!("https://tools.ietf.org/html/{section}")
}

fn reason_phrase(status: StatusCode) -> &'static str {
    match status {
        // The name in RFC 9110, where the http crate still has the one of RFC 7231.
        StatusCode::PAYLOAD_TOO_LARGE => "Content Too Large",
        StatusCode::UNPROCESSABLE_ENTITY => "Unprocessable Content",
        status => status.canonical_reason().expect("a registered status"),
    }
}
