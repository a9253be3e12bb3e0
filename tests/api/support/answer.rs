//! An answer, in full.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header, header::AsHeaderName};
use serde_json::Value;

use super::{problem::Problem, trace::Trace};

/// An answer whose framing kept what is promised of every answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// The call that it answers, for messages.
    pub(crate) call: String,
    pub(super) trace: Option<Trace>,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// The value of a header that is there at most once.
    #[track_caller]
    pub(crate) fn header(&self, name: impl AsHeaderName) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?;
        assert!(values.next().is_none(), "a header twice: {self}");
        Some(value.to_str().expect("a header of visible ASCII"))
    }

    /// The same, if it has this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{self}");
        self
    }

    /// The document of a success.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        assert!(self.status.is_success(), "{self}");
        assert_eq!(
            self.header(header::CONTENT_TYPE),
            Some("application/json"),
            "{self}"
        );
        self.assert_kept_by_nobody_else();
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {self}"))
    }

    /// The problem document of a failure, which continues the call's trace.
    #[track_caller]
    pub(crate) fn problem(&self) -> Problem {
        let problem = Problem::of(self);
        if let Some(trace) = &self.trace {
            assert!(
                trace.is_continued_by(&problem.trace_id),
                "another trace than {trace:?}: {self}"
            );
        }
        problem
    }

    /// The status, and the keys of the field errors where there is a problem.
    #[track_caller]
    pub(crate) fn outcome(&self) -> (u16, Vec<String>) {
        let keys = if self.status.is_success() {
            Vec::new()
        } else {
            self.problem().keys()
        };
        (self.status.as_u16(), keys)
    }

    /// The methods that `Allow` names, sorted, without those that go without saying.
    #[track_caller]
    pub(crate) fn allowed_methods(&self) -> Vec<String> {
        let allow = self.header(header::ALLOW).unwrap_or_default();
        let mut methods: Vec<_> = allow
            .split(',')
            .map(|method| method.trim().to_owned())
            .filter(|method| method != "OPTIONS")
            .collect();
        methods.sort();
        methods
    }

    /// No client takes an answer for another type than it says. Of a 500 the host says nothing.
    #[track_caller]
    pub(super) fn assert_taken_as_it_is(&self) {
        if self.status != StatusCode::INTERNAL_SERVER_ERROR {
            let sniffing = self.header(header::X_CONTENT_TYPE_OPTIONS);
            assert_eq!(sniffing, Some("nosniff"), "{self}");
        }
    }

    /// No cache stores a document: only what has an entity tag may be stored by the client itself.
    #[track_caller]
    pub(super) fn assert_kept_by_nobody_else(&self) {
        let caching = match self.header(header::ETAG) {
            // The API's own document is nobody's personal data.
            Some(_) if self.call.ends_with("/openapi.json") => "no-cache",
            Some(_) => "private, no-cache",
            None => "no-store",
        };
        assert_eq!(self.header(header::CACHE_CONTROL), Some(caching), "{self}");
    }

    /// Every body is announced by its length and sent as it is.
    #[track_caller]
    pub(super) fn assert_framing(&self, of_head: bool) {
        assert!(
            !self.headers.contains_key(header::TRANSFER_ENCODING),
            "not of known length: {self}"
        );
        let bodiless = [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED];
        if of_head || bodiless.contains(&self.status) {
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
