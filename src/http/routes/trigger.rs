//! `POST /trigger/pastdueorders`

use axum::{Extension, extract::State, response::Response};
use http::HeaderMap;

use crate::{
    http::{
        app::{App, Host},
        authentication, body,
        error::ApiError,
        view::RunView,
    },
    trace::TraceId,
};

/// Works off what is due, as much as one run may; to be called by any timer.
pub(super) async fn past_due_orders<H: Host>(
    State(app): State<App<H>>,
    Extension(trace): Extension<TraceId>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    authentication::trigger(&app, &headers).await?;
    let run = app.work_off(trace).await?;
    Ok(body::ok(&RunView::of(run)))
}
