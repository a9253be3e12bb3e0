//! `POST /trigger/pastdueorders`

use axum::{
    Extension,
    extract::{RawQuery, State},
    response::Response,
};
use http::HeaderMap;

use crate::{
    delivery::{sweep, trigger},
    http::{
        app::{App, Host},
        authentication, body,
        error::ApiError,
        log_id, query,
        trace::TraceId,
        view::RunView,
    },
    log,
};

/// Works off what is due, as much as one run may; to be called by any timer. Now and then, or with
/// `?sweep=true`, it also looks for orders that an index has lost.
pub(super) async fn past_due_orders<H: Host>(
    State(app): State<App<H>>,
    Extension(trace): Extension<TraceId>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    authentication::trigger(&app, &headers).await?;
    let at_once = query::flag(query.as_deref(), "sweep")?;
    let trace = log_id(trace);
    let attempt = app.attempt(&trace)?;
    let run = trigger::run(attempt).await?;
    if at_once || run.processed == 0 {
        match sweep::run(attempt, at_once).await {
            Ok(0) => {}
            Ok(repaired) => log::repaired(repaired, &trace),
            Err(error) => log::error("sweep failed", &error),
        }
    }
    Ok(body::ok(&RunView::of(run)))
}
