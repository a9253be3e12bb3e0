//! `POST /delivery-report/{sender}`

use axum::{Extension, body::Body, extract::State, response::Response};
use http::HeaderMap;

use crate::{
    delivery::report::Reports,
    http::{
        app::{App, Host},
        authentication, body,
        error::ApiError,
        log_id,
        trace::TraceId,
        view::{HandshakeView, TakenView},
    },
    timestamp::Timestamp,
};

/// The most that is read: as much as Azure Event Grid sends at once.
const MAX_BYTES: usize = 1024 * 1024;

/// Takes what a sender's provider reports of deliveries. The form tells whose report it is, so that
/// the name in the path is only for people.
pub(super) async fn take<H: Host>(
    State(app): State<App<H>>,
    Extension(trace): Extension<TraceId>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, ApiError> {
    authentication::trigger(&app, &headers).await?;
    body::require_json(&headers)?;
    let content = body::read(&headers, content, MAX_BYTES).await?;
    let reports = match Reports::parse(&content)? {
        Reports::Handshake(code) => return Ok(body::ok(&HandshakeView::of(&code))),
        Reports::Reports(reports) => reports,
    };
    let (orders, trace, now) = (app.orders()?, log_id(trace), Timestamp::now());
    let mut taken = 0;
    for report in &reports {
        taken += usize::from(report.store(orders, &trace, now)?);
    }
    Ok(body::ok(&TakenView::of(reports.len(), taken)))
}
