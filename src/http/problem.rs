//! Problem documents (RFC 9457).

use axum::{body::Body, response::Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

use super::{body, health::HealthReport};
use crate::{order::Violations, trace::TraceId};

/// A problem, without the trace id of the request, which [`Problem::write`] adds.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    detail: String,
    errors: Option<Violations>,
    health: Option<Box<HealthReport>>,
    headers: HeaderMap,
}

/// Why the request failed (RFC 9457).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = Problem))]
pub(super) struct Document<'a> {
    /// The definition of the status.
    #[cfg_attr(test, schema(format = "uri"))]
    r#type: &'a str,
    /// The kind of problem.
    title: &'a str,
    /// The status of the response.
    #[cfg_attr(test, schema(minimum = 400, maximum = 599))]
    status: u16,
    /// One sentence that says what to fix.
    detail: &'a str,
    /// The violations, by member, parameter or header.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false, value_type = std::collections::BTreeMap<String, Vec<String>>))]
    errors: Option<&'a Violations>,
    /// Identifies the request; name it when you report a problem. Continues the request's
    /// `traceparent`.
    #[cfg_attr(
        test,
        schema(
            value_type = String,
            pattern = "^00-[0-9a-f]{32}-[0-9a-f]{16}-01$",
            example = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        )
    )]
    trace_id: String,
    /// Extension members of `GET /health?verbose`.
    #[serde(flatten)]
    #[cfg_attr(test, schema(ignore))]
    health: Option<&'a HealthReport>,
}

impl Problem {
    /// Returns a problem. `detail` is one sentence that says what to fix.
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            errors: None,
            health: None,
            headers: HeaderMap::new(),
        }
    }

    /// Returns the problem of an invalid request. `detail` states the total.
    pub(super) fn of_violations(violations: Violations) -> Self {
        let mut detail = match violations.first() {
            Some(("", message)) => message.to_owned(),
            Some((key, message)) => format!("{key}: {message}"),
            None => String::new(),
        };
        match violations.total() {
            0 | 1 => {}
            total @ 2..=Violations::LISTED => {
                detail.push_str(&format!(" There are {total} errors in total."));
            }
            total => detail.push_str(&format!(
                " There are {total} errors in total, of which the first {} are listed.",
                Violations::LISTED
            )),
        }
        Self {
            errors: Some(violations),
            ..Self::new(StatusCode::BAD_REQUEST, detail)
        }
    }

    /// Returns the problem of a service that needs attention, with the report as extension members.
    pub(super) fn of_health(fault: String, report: Box<HealthReport>) -> Self {
        Self {
            health: Some(report),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, fault)
        }
    }

    /// Returns the status of the response.
    #[cfg(test)]
    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    /// Adds a header.
    pub(super) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Adds `WWW-Authenticate`.
    pub(super) fn with_challenge(self, challenge: &str) -> Self {
        let challenge =
            HeaderValue::from_str(challenge).unwrap_or_else(|_| HeaderValue::from_static("Bearer"));
        self.with_header(header::WWW_AUTHENTICATE, challenge)
    }

    /// Returns the response, with the document as its body.
    pub(super) fn write(self, trace: TraceId) -> Response {
        let (reference, phrase) = described(self.status);
        let document = Document {
            r#type: reference,
            title: match self.errors {
                Some(_) => "One or more validation errors occurred.",
                None => phrase,
            },
            status: self.status.as_u16(),
            detail: &self.detail,
            errors: self.errors.as_ref(),
            trace_id: trace.traceparent(),
            health: self.health.as_deref(),
        };
        let mut response = Response::new(Body::from(body::to_json(&document)));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        response
    }
}

/// Returns the definition of a status and its reason phrase (RFC 9110, section 15; RFC 6585).
fn described(status: StatusCode) -> (&'static str, &'static str) {
    macro_rules! rfc9110 {
        ($section:literal, $phrase:literal) => {
            (
                concat!("https://tools.ietf.org/html/rfc9110#section-", $section),
                $phrase,
            )
        };
    }
    match status.as_u16() {
        400 => rfc9110!("15.5.1", "Bad Request"),
        401 => rfc9110!("15.5.2", "Unauthorized"),
        403 => rfc9110!("15.5.4", "Forbidden"),
        404 => rfc9110!("15.5.5", "Not Found"),
        405 => rfc9110!("15.5.6", "Method Not Allowed"),
        409 => rfc9110!("15.5.10", "Conflict"),
        412 => rfc9110!("15.5.13", "Precondition Failed"),
        413 => rfc9110!("15.5.14", "Content Too Large"),
        415 => rfc9110!("15.5.16", "Unsupported Media Type"),
        422 => rfc9110!("15.5.21", "Unprocessable Content"),
        429 => (
            "https://tools.ietf.org/html/rfc6585#section-4",
            "Too Many Requests",
        ),
        503 => rfc9110!("15.6.4", "Service Unavailable"),
        _ => rfc9110!("15.6.1", "Internal Server Error"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detail_states_the_total_of_violations() {
        for (count, said) in [
            (1, "a: Wrong."),
            (2, "a: Wrong. There are 2 errors in total."),
            (100, "a: Wrong. There are 100 errors in total."),
            (
                101,
                "a: Wrong. There are 101 errors in total, of which the first 100 are listed.",
            ),
        ] {
            let mut violations = Violations::default();
            for _ in 0..count {
                violations.add("a", "Wrong.");
            }
            assert_eq!(Problem::of_violations(violations).detail, said);
        }
        let nothing_sent = Violations::of("", "A body is required.");
        let problem = Problem::of_violations(nothing_sent);
        assert_eq!(problem.detail, "A body is required.");
    }
}
