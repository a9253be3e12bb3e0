//! The problem documents that operations may answer with, as components of the document: each
//! status, header and body is that of the error itself.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use axum::response::IntoResponse as _;
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

use super::{operation::example_name, samples};
use crate::{
    delivery::report::ReportError,
    http::{
        body::MediaTypes,
        error::{ApiError, Credential},
        problem::{Document, Problem},
        query,
        routes::order::{MAX_LIMIT, NOT_A_CURSOR},
    },
    order::{IdempotencyKey, NewOrder, NotCancellable, OrderRequest, Violations},
    timestamp::Timestamp,
    trace::TraceId,
};

/// Why an operation may not be done.
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
    NotCancellable,
    StatusChanged,
    KeyInUse,
    ContentTooLarge,
    UnsupportedMediaType,
    UnsupportedReportType,
    KeyReused,
    TooManyRequests,
    Unavailable,
}

impl Refusal {
    pub(super) const ALL: [Self; 19] = [
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
        Self::NotCancellable,
        Self::StatusChanged,
        Self::KeyInUse,
        Self::ContentTooLarge,
        Self::UnsupportedMediaType,
        Self::UnsupportedReportType,
        Self::KeyReused,
        Self::TooManyRequests,
        Self::Unavailable,
    ];

    /// Its name among the components.
    pub(super) fn name(self) -> String {
        format!("{self:?}")
    }

    /// Its status, as a key among responses.
    pub(super) fn status(self) -> String {
        let (_, problem) = self.problems().swap_remove(0);
        problem.into_response().status().as_str().to_owned()
    }

    /// The response, once for all operations.
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
            .schema(Some(Ref::from_schema_name(Document::name())))
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

    fn description(self) -> &'static str {
        match self {
            Self::InvalidOrder => {
                "Something in the request is wrong. `errors` names it: members that have the \
                 wrong type by JSON paths that begin with `$`, members that break a rule by their \
                 names. At most 100 errors are listed, and `detail` says how many there are."
            }
            Self::InvalidId => "The id is not a UUID.",
            Self::InvalidQuery => "A parameter is missing or wrong.",
            Self::Unauthenticated => {
                "There is no token, or none that holds: it has expired, or its issuer or its \
                 signature is not trusted."
            }
            Self::Forbidden => "The token holds and does not suffice.",
            Self::InvalidReport => "The body is no delivery report.",
            Self::NoTrigger => "There is no trigger key, or another one.",
            Self::NoTriggerKey => "No trigger key is configured.",
            Self::UnknownOrder => {
                "There is no such order, or it is another organisation's: nobody can tell which."
            }
            Self::UnknownSender => "No sender of this name takes delivery reports.",
            Self::NotCancellable => "It is too late to cancel the order.",
            Self::StatusChanged => "The order's status is another one than `If-Match` names.",
            Self::KeyInUse => "A request with the same `Idempotency-Key` is being stored.",
            Self::ContentTooLarge => "The body is larger than this service reads.",
            Self::UnsupportedMediaType | Self::UnsupportedReportType => {
                "The body is not announced as JSON, or it is compressed."
            }
            Self::KeyReused => "The `Idempotency-Key` was used before, for another order.",
            Self::TooManyRequests => "There are more requests than can be served now.",
            Self::Unavailable => "The service cannot do this now.",
        }
    }

    /// Problems that lead to it, each with what a person may call it.
    fn problems(self) -> Vec<(&'static str, Problem)> {
        let errors = match self {
            Self::InvalidOrder => vec![
                (
                    "A member of the wrong type",
                    of_request(json!({"subject": 1})),
                ),
                ("Members that are missing", of_request(json!({}))),
                (
                    "Members that break rules",
                    of_request(samples::wrong_request()),
                ),
                ("No idempotency key", of_key("\"")),
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
                        "A page too large",
                        limit.expect_err("no number in the range").into(),
                    ),
                    ("No cursor", Violations::of("after", NOT_A_CURSOR).into()),
                ]
            }
            Self::Unauthenticated => vec![
                ("No token", unauthenticated(Credential::Token, false)),
                (
                    "A token that does not hold",
                    unauthenticated(Credential::Token, true),
                ),
            ],
            Self::Forbidden => {
                let detail = "The token has none of the scopes that this API requires.";
                vec![(
                    "A scope is missing",
                    ApiError::Forbidden {
                        detail,
                        scopes: String::new(),
                    },
                )]
            }
            Self::InvalidReport => vec![
                ("No report", ReportError::Malformed.into()),
                ("No notification", ReportError::NoNotification.into()),
                ("No such status", ReportError::NoStatus.into()),
            ],
            Self::NoTrigger => vec![
                ("No key", unauthenticated(Credential::TriggerKey, false)),
                ("Another key", unauthenticated(Credential::TriggerKey, true)),
            ],
            Self::NoTriggerKey => vec![("No key is configured", ApiError::NoTriggerKey)],
            Self::UnknownOrder => vec![("Unknown", ApiError::UnknownOrder)],
            Self::UnknownSender => vec![("Unknown", ApiError::UnknownSender)],
            Self::StatusChanged => vec![("Changed", ApiError::PreconditionFailed)],
            Self::NotCancellable => vec![
                (
                    "Too close to its send time",
                    NotCancellable::Imminent.into(),
                ),
                ("Being processed", NotCancellable::Processed.into()),
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

/// The error of a request that is wrong.
fn of_request(request: Value) -> ApiError {
    let request = request.to_string();
    OrderRequest::parse(request.as_bytes())
        .and_then(|request| NewOrder::validate(&request, Timestamp::now()))
        .expect_err("a request that is wrong")
        .into()
}

fn of_key(key: &str) -> ApiError {
    let error = IdempotencyKey::parse(key).expect_err("a key that is wrong");
    Violations::of("Idempotency-Key", format!("The key {error}.")).into()
}

/// The headers and the document of a problem, in a trace that is always the same.
fn written(problem: Problem) -> (HeaderMap, Value) {
    let response = problem.write(TraceId::of(&HeaderMap::new()));
    let (head, body) = response.into_parts();
    let body = ready(body.collect())
        .expect("a body that is whole")
        .to_bytes();
    let mut document: Value = serde_json::from_slice(&body).expect("a document");
    document["traceId"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into();
    (head.headers, document)
}

/// What a future gives that has nothing to wait for.
fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a future that waits"),
    }
}

/// What is said of a header of a problem.
fn documented(name: &http::HeaderName) -> Option<(&'static str, &'static str)> {
    match *name {
        header::CONTENT_TYPE => None,
        header::RETRY_AFTER => Some(("Retry-After", "In how many seconds to try again.")),
        header::WWW_AUTHENTICATE => Some((
            "WWW-Authenticate",
            "What kind of token is asked for, and what is wrong with the one presented (RFC 6750).",
        )),
        header::ACCEPT_ENCODING => Some(("Accept-Encoding", "The content coding that is read.")),
        _ if name == "accept-post" => Some(("Accept-Post", "The media types that are read.")),
        _ => panic!("the header {name} is not described"),
    }
}
