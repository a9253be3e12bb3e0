//! The problem responses, as components of the document. Status, headers and examples come from the
//! error itself.

use std::{
    borrow::Cow,
    pin::pin,
    task::{Context, Poll, Waker},
};

use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use utoipa::{
    ToSchema as _,
    openapi::{
        ContentBuilder, HeaderBuilder, Ref, ResponseBuilder, example::ExampleBuilder,
        response::Response,
    },
};

use super::{operation::example_name, routes::health, samples};
use crate::{
    http::{
        body::MediaTypes,
        error::{ApiError, Credential},
        health::HealthReport,
        problem::{Document, Problem},
        query,
        routes::order::{MAX_LIMIT, NOT_A_CURSOR},
    },
    order::{IdempotencyKey, NewOrder, NotCancellable, OrderRequest, Violations},
    timestamp::Timestamp,
    trace::TraceId,
};

/// A problem response. Its name is that of the component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    InvalidOrder,
    InvalidId,
    InvalidQuery,
    InvalidReport,
    Unauthenticated,
    Forbidden,
    NoTrigger,
    NoTriggerKey,
    UnknownOrder,
    UnknownSender,
    NoDocumentation,
    NotCancellable,
    NotCompleted,
    StatusChanged,
    KeyInUse,
    ContentTooLarge,
    UnsupportedMediaType,
    UnsupportedReportType,
    KeyReused,
    TooManyRequests,
    Unhealthy,
    Unavailable,
}

impl Refusal {
    pub(super) const ALL: [Self; 22] = [
        Self::InvalidOrder,
        Self::InvalidId,
        Self::InvalidQuery,
        Self::InvalidReport,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NoTrigger,
        Self::NoTriggerKey,
        Self::UnknownOrder,
        Self::UnknownSender,
        Self::NoDocumentation,
        Self::NotCancellable,
        Self::NotCompleted,
        Self::StatusChanged,
        Self::KeyInUse,
        Self::ContentTooLarge,
        Self::UnsupportedMediaType,
        Self::UnsupportedReportType,
        Self::KeyReused,
        Self::TooManyRequests,
        Self::Unhealthy,
        Self::Unavailable,
    ];

    /// Returns the name among the components.
    pub(super) fn name(self) -> String {
        format!("{self:?}")
    }

    /// Returns the status, as the key among an operation's responses.
    pub(super) fn status(self) -> String {
        let (_, problem) = self.problems().swap_remove(0);
        problem.status().as_str().to_owned()
    }

    /// Returns the response that all operations share.
    pub(super) fn response(self) -> Response {
        let mut names = HeaderMap::new();
        let mut examples = Vec::new();
        for (summary, problem) in self.problems() {
            let (headers, body) = written(problem);
            names.extend(headers);
            let example = ExampleBuilder::new().summary(summary).value(Some(body));
            examples.push((example_name(summary), example));
        }
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name(self.schema())))
            .examples_from_iter(examples)
            .build();
        let response = ResponseBuilder::new()
            .description(self.description())
            .content("application/problem+json", content);
        names
            .keys()
            .filter_map(documented)
            .fold(response, |response, (name, description)| {
                let header = HeaderBuilder::new().description(Some(description));
                response.header(name, header.build())
            })
            .build()
    }

    /// Returns the name of the schema of its document.
    fn schema(self) -> Cow<'static, str> {
        match self {
            Self::Unhealthy => Cow::Borrowed(health::PROBLEM),
            _ => Document::name(),
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::InvalidOrder => {
                "The request is invalid. `errors` names each fault: members of a wrong type by a \
                 JSON path that begins with `$`, members that break a rule by name. At most 100 \
                 errors are listed, and `detail` states the total."
            }
            Self::InvalidId => "The id is not a UUID.",
            Self::InvalidQuery => "A query parameter is missing or invalid.",
            Self::Unauthenticated => {
                "The token is missing or invalid: it has expired, or its issuer or signature is \
                 not trusted."
            }
            Self::Forbidden => "The token is valid but does not authorise this request.",
            Self::InvalidReport => "The body is not a delivery report.",
            Self::NoTrigger => "The trigger key is missing or wrong.",
            Self::NoTriggerKey => "The service has no trigger key, so this operation is closed.",
            Self::UnknownOrder => {
                "The order does not exist, or it belongs to another organisation. The answers are \
                 identical."
            }
            Self::UnknownSender => "No sender of this name accepts delivery reports.",
            Self::NoDocumentation => "This service is deployed without its documentation.",
            Self::NotCancellable => "It is too late to cancel the order.",
            Self::NotCompleted => {
                "The order is being processed, was never sent, or its content is erased."
            }
            Self::StatusChanged => "`If-Match` does not match the order's current status.",
            Self::KeyInUse => "A request with the same `Idempotency-Key` is being stored.",
            Self::ContentTooLarge => "The body exceeds the size limit of this service.",
            Self::UnsupportedMediaType | Self::UnsupportedReportType => {
                "The media type is not accepted, or the body is compressed."
            }
            Self::KeyReused => "The `Idempotency-Key` was used before, for a different order.",
            Self::TooManyRequests => "The service is overloaded.",
            Self::Unhealthy => {
                "The store does not answer, the configuration is broken, or due orders wait too \
                 long. With `verbose`, the report is part of the document."
            }
            Self::Unavailable => "The service cannot do this now. Try again later.",
        }
    }

    /// Returns the problems that get this response, each with a summary. There is at least one.
    fn problems(self) -> Vec<(&'static str, Problem)> {
        let errors = match self {
            Self::InvalidOrder => vec![
                (
                    "A member of the wrong type",
                    of_request(json!({"subject": 1})),
                ),
                ("Missing members", of_request(json!({}))),
                (
                    "Members that break rules",
                    of_request(samples::wrong_request()),
                ),
                ("Invalid idempotency key", of_key("\"")),
            ],
            Self::InvalidId => {
                let violations = Violations::of("id", "The order's id must be a UUID.");
                vec![("Not a UUID", violations.into())]
            }
            Self::InvalidQuery => {
                let message = "A sendersReference is required.";
                let limit = query::number(Some("limit=0"), "limit", 1..=MAX_LIMIT);
                vec![
                    (
                        "No reference",
                        Violations::of("sendersReference", message).into(),
                    ),
                    (
                        "Limit out of range",
                        limit.expect_err("a number out of range").into(),
                    ),
                    (
                        "Invalid cursor",
                        Violations::of("after", NOT_A_CURSOR).into(),
                    ),
                ]
            }
            Self::Unauthenticated => vec![
                ("No token", unauthenticated(Credential::Token, false)),
                ("Invalid token", unauthenticated(Credential::Token, true)),
            ],
            Self::Forbidden => {
                let detail = "The token has none of the scopes that this API requires.";
                vec![(
                    "Missing scope",
                    ApiError::Forbidden {
                        detail,
                        scopes: String::new(),
                    },
                )]
            }
            Self::InvalidReport => vec![("Not a report", ApiError::NotAReport)],
            Self::NoTrigger => vec![
                ("No key", unauthenticated(Credential::TriggerKey, false)),
                ("Wrong key", unauthenticated(Credential::TriggerKey, true)),
            ],
            Self::NoTriggerKey => vec![("No key is configured", ApiError::NoTriggerKey)],
            Self::UnknownOrder => vec![("Unknown", ApiError::UnknownOrder)],
            Self::UnknownSender => vec![("Unknown", ApiError::UnknownSender)],
            Self::NoDocumentation => vec![("Not deployed", ApiError::UnknownPath)],
            Self::StatusChanged => vec![("Changed", ApiError::PreconditionFailed)],
            Self::NotCancellable => vec![
                (
                    "Too close to its send time",
                    NotCancellable::Imminent.into(),
                ),
                ("Being processed", NotCancellable::Processed.into()),
            ],
            Self::NotCompleted => vec![
                ("Being processed", ApiError::NotCompleted),
                ("Erased", ApiError::ContentErased),
            ],
            Self::KeyInUse => vec![("In use", ApiError::KeyInUse)],
            Self::ContentTooLarge => {
                vec![("Too large", ApiError::ContentTooLarge { limit: 262_144 })]
            }
            Self::UnsupportedMediaType => unsupported(MediaTypes::Json),
            Self::UnsupportedReportType => unsupported(MediaTypes::JsonOrCloudEvents),
            Self::KeyReused => vec![("Used before", ApiError::KeyReused)],
            Self::TooManyRequests => {
                let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "Try again later.")
                    .with_header(header::RETRY_AFTER, HeaderValue::from(1));
                return vec![("Too many", problem)];
            }
            Self::Unhealthy => {
                let report = Box::new(HealthReport::sample(1200));
                let fault = report.fault().expect("a fault");
                vec![
                    ("Try again later", ApiError::Unavailable),
                    (
                        "Orders wait too long",
                        ApiError::Unhealthy { fault, report },
                    ),
                ]
            }
            Self::Unavailable => vec![("Try again later", ApiError::Unavailable)],
        };
        let problems = errors.into_iter();
        problems
            .map(|(summary, error)| (summary, error.into()))
            .collect()
    }
}

fn unsupported(media_types: MediaTypes) -> Vec<(&'static str, ApiError)> {
    vec![
        ("Not JSON", ApiError::UnsupportedMediaType(media_types)),
        ("Compressed", ApiError::UnsupportedContentCoding),
    ]
}

fn unauthenticated(wanted: Credential, presented: bool) -> ApiError {
    ApiError::Unauthenticated { wanted, presented }
}

/// Returns the error of an invalid request.
fn of_request(request: Value) -> ApiError {
    let request = request.to_string();
    OrderRequest::parse(request.as_bytes())
        .and_then(|request| NewOrder::validate(&request, Timestamp::now()))
        .expect_err("an invalid request")
        .into()
}

fn of_key(key: &str) -> ApiError {
    let error = IdempotencyKey::parse(key).expect_err("an invalid key");
    Violations::of("Idempotency-Key", format!("The key {error}.")).into()
}

/// Returns the headers and the document of a problem, with a fixed trace id.
fn written(problem: Problem) -> (HeaderMap, Value) {
    let response = problem.write(TraceId::of(&HeaderMap::new()));
    let (head, body) = response.into_parts();
    let body = ready(body.collect()).expect("a complete body").to_bytes();
    let mut document: Value = serde_json::from_slice(&body).expect("a document");
    document["traceId"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into();
    (head.headers, document)
}

/// Returns the output of a future that is ready at once.
fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the future is pending"),
    }
}

/// Returns the documented name and description of a header; None for one that is not documented.
fn documented(name: &http::HeaderName) -> Option<(&'static str, &'static str)> {
    match *name {
        header::CONTENT_TYPE => None,
        header::RETRY_AFTER => Some(("Retry-After", "The seconds to wait before the next try.")),
        header::WWW_AUTHENTICATE => Some((
            "WWW-Authenticate",
            "The required kind of token, and the fault of the presented one (RFC 6750).",
        )),
        header::ACCEPT_ENCODING => Some(("Accept-Encoding", "The accepted content coding.")),
        _ if name == "accept-post" => Some(("Accept-Post", "The accepted media types.")),
        _ => panic!("the header {name} has no description"),
    }
}
