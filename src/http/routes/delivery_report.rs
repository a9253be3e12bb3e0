//! `POST /delivery-report/{sender}`

use axum::{
    Extension,
    body::Body,
    extract::{Path, State, rejection::PathRejection},
    response::Response,
};
use http::HeaderMap;

use crate::{
    delivery::report::Reports,
    http::{
        app::{App, Host},
        authentication,
        body::{self, MediaTypes},
        error::ApiError,
        view::{HandshakeView, TakenView},
    },
    trace::TraceId,
};

/// The names that providers report under: those of this project's senders, and `own` for a sender
/// of one's own.
pub(in crate::http) const SENDERS: [&str; 4] = ["acs", "own", "sandbox", "smtp"];

/// Takes what a sender's provider reports of deliveries. The form tells what a report says, whoever
/// sends it.
pub(super) async fn take<H: Host>(
    State(app): State<App<H>>,
    Extension(trace): Extension<TraceId>,
    sender: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, ApiError> {
    authentication::trigger(&app, &headers).await?;
    sender
        .ok()
        .filter(|Path(sender)| SENDERS.contains(&sender.as_str()))
        .ok_or(ApiError::UnknownSender)?;
    body::require(&headers, MediaTypes::JsonOrCloudEvents)?;
    let config = app.config().await?;
    let content = body::read(&headers, content, config.max_body_bytes()?).await?;
    let reports = match Reports::parse(&content)? {
        Reports::Handshake(code) => return Ok(body::ok(&HandshakeView::of(&code))),
        Reports::Reports(reports) => reports,
    };
    let (stores, now) = (app.stores()?, app.host().now());
    let mut taken = 0;
    for report in &reports {
        taken += usize::from(report.store(stores, trace, now)?);
    }
    Ok(body::ok(&TakenView::of(reports.len(), taken)))
}
