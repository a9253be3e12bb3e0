//! Failed requests: what the client is told, and what the log says.

use super::{app::Host, context::RequestContext, error::ApiError};
use crate::{
    config::{Unusable, VariableError},
    delivery::AttemptError,
    log::{self, Level, Line},
    order::{NotCancellable, Violations},
    store::StoreError,
};

/// Why a request failed.
#[derive(Debug)]
pub(super) struct Failure {
    /// What the client is told.
    pub(super) error: ApiError,
    /// What the log says; None if the response says everything.
    cause: Option<Box<Cause>>,
}

/// The cause of a failure, which the client is not told.
#[derive(Debug)]
pub(super) struct Cause {
    pub(super) level: Level,
    pub(super) event: &'static str,
    /// The issuer that the failure is about, if there is one.
    pub(super) issuer: String,
    pub(super) reason: String,
}

impl Failure {
    /// Returns a failure whose cause is logged.
    pub(super) fn new(error: ApiError, cause: Cause) -> Self {
        Self {
            error,
            cause: Some(Box::new(cause)),
        }
    }

    /// Returns a failure of the service: 503, because the request is not at fault.
    pub(super) fn unavailable(event: &'static str, reason: impl ToString) -> Self {
        let cause = Cause {
            level: Level::Error,
            event,
            issuer: String::new(),
            reason: reason.to_string(),
        };
        Self::new(ApiError::Unavailable, cause)
    }

    /// Returns the failure of a race that could not be decided. Nothing was done, so the client may
    /// repeat the request.
    pub(super) fn inconclusive(reason: &str) -> Self {
        Self::unavailable("claim inconclusive", reason)
    }

    /// Returns the line of the log; None if the response says everything.
    pub(super) fn line<'a, H: Host>(&'a self, context: &'a RequestContext<H>) -> Option<Line<'a>> {
        let cause = self.cause.as_ref()?;
        let mut line = log::line(cause.level, cause.event)
            .trace(context.trace)
            .route(context.endpoint.route)
            .duration(context.app.host().now().duration_since(context.received))
            .issuer(&cause.issuer)
            .reason(&cause.reason);
        if let Some(creator) = context.creator.get() {
            line = line.creator(creator);
        }
        Some(line)
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self { error, cause: None }
    }
}

impl From<Violations> for Failure {
    fn from(violations: Violations) -> Self {
        ApiError::from(violations).into()
    }
}

impl From<NotCancellable> for Failure {
    fn from(reason: NotCancellable) -> Self {
        ApiError::from(reason).into()
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::TooLarge => ApiError::OrderTooLarge.into(),
            other => Self::unavailable("store failed", other),
        }
    }
}

impl From<AttemptError> for Failure {
    fn from(error: AttemptError) -> Self {
        Self::unavailable("store failed", error)
    }
}

impl From<VariableError> for Failure {
    fn from(error: VariableError) -> Self {
        Self::unavailable("configuration cannot be read", error)
    }
}

impl From<Unusable> for Failure {
    fn from(error: Unusable) -> Self {
        Self::unavailable("configuration cannot be used", error)
    }
}
