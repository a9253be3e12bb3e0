//! An answer, and what the API promises of every answer.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Method, Response, StatusCode, header, header::AsHeaderName};
use serde_json::Value;

use crate::{Call, Problem, Trace};

/// An answer whose framing and headers are as the API promises.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The call that it answers, for messages.
    pub call: String,
    trace: Option<Trace>,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl Answer {
    /// Checks the response to a call.
    #[track_caller]
    pub(crate) fn checked(call: Call, response: Response<Bytes>) -> Self {
        let answer = Self {
            trace: call.trace.clone(),
            ..Self::of(call.name(), response)
        };
        answer.assert_framing(call.method == Method::HEAD);
        answer.assert_is_not_sniffed();
        answer
    }

    /// Returns a response that has not been checked.
    pub fn of(call: String, response: Response<Bytes>) -> Self {
        let (head, body) = response.into_parts();
        Self {
            call,
            trace: None,
            status: head.status,
            headers: head.headers,
            body,
        }
    }

    /// Returns the value of a header, which is there at most once.
    #[track_caller]
    pub fn header(&self, name: impl AsHeaderName) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?;
        assert!(values.next().is_none(), "a header twice: {self}");
        Some(value.to_str().expect("a header of visible ASCII"))
    }

    /// Returns the answer if it has this status.
    #[expect(
        clippy::return_self_not_must_use,
        reason = "a test may need no more than the status"
    )]
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{self}");
        self
    }

    /// Returns the document of a success.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert!(self.status.is_success(), "{self}");
        let media_type = self.header(header::CONTENT_TYPE);
        assert_eq!(media_type, Some("application/json"), "{self}");
        self.assert_is_private();
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {self}"))
    }

    /// Returns the problem document of a failure, which continues the call's trace.
    #[track_caller]
    pub fn problem(&self) -> Problem {
        let problem = Problem::of(self);
        if let Some(trace) = &self.trace {
            assert!(
                trace.is_continued_by(&problem.trace_id),
                "another trace than {trace:?}: {self}"
            );
        }
        problem
    }

    /// Returns the status, and the sorted keys of the field errors if there is a problem.
    #[track_caller]
    pub fn outcome(&self) -> (u16, Vec<String>) {
        let keys = if self.status.is_success() {
            Vec::new()
        } else {
            self.problem().keys()
        };
        (self.status.as_u16(), keys)
    }

    /// Returns the methods that `Allow` names, sorted, without OPTIONS.
    #[track_caller]
    pub fn allowed_methods(&self) -> Vec<String> {
        let allow = self.header(header::ALLOW).unwrap_or_default();
        let methods = allow.split(',').map(|method| method.trim().to_owned());
        let mut methods: Vec<_> = methods.filter(|method| method != "OPTIONS").collect();
        methods.sort();
        methods
    }

    /// Asserts that no client guesses another media type. The host writes a 500, without the header.
    #[track_caller]
    fn assert_is_not_sniffed(&self) {
        if self.status != StatusCode::INTERNAL_SERVER_ERROR {
            let sniffing = self.header(header::X_CONTENT_TYPE_OPTIONS);
            assert_eq!(sniffing, Some("nosniff"), "{self}");
        }
    }

    /// Asserts that no shared cache stores a document, and that clients store only documents that
    /// have an entity tag.
    #[track_caller]
    pub(crate) fn assert_is_private(&self) {
        let caching = match self.header(header::ETAG) {
            // The OpenAPI document is public.
            Some(_) if self.call.ends_with("/openapi.json") => "no-cache",
            Some(_) => "private, no-cache",
            None => "no-store",
        };
        assert_eq!(self.header(header::CACHE_CONTROL), Some(caching), "{self}");
    }

    /// Asserts that a body has a `Content-Length` and is not sent in chunks.
    #[track_caller]
    pub fn assert_framing(&self, answers_head: bool) {
        let is_chunked = self.headers.contains_key(header::TRANSFER_ENCODING);
        assert!(!is_chunked, "no length: {self}");
        let bodiless = [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED];
        if answers_head || bodiless.contains(&self.status) {
            assert!(self.body.is_empty(), "a body: {self}");
        } else {
            let length = self.header(header::CONTENT_LENGTH);
            assert_eq!(length, Some(&*self.body.len().to_string()), "{self}");
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            call,
            status,
            headers,
            ..
        } = self;
        let body = String::from_utf8_lossy(&self.body);
        write!(
            f,
            "{call} was answered {status} {headers:?} {:.2000}",
            body.as_ref()
        )
    }
}
