//! `POST /delivery-report/{sender}`

use axum::{body::Body, response::Response};

use crate::{
    delivery::report::Reports,
    http::{
        app::Host,
        authentication,
        body::{self, MediaTypes},
        context::RequestContext,
        error::ApiError,
        failure::Failure,
        view::{HandshakeView, TakenView},
    },
};

/// The names that providers report under: this project's senders, and `own` for any other.
pub(in crate::http) const SENDERS: [&str; 4] = ["acs", "own", "sandbox", "smtp"];

/// Accepts delivery reports of a sender's provider. The form of a report decides how it is read, not
/// the sender's name.
pub(super) async fn accept<H: Host>(
    context: &RequestContext<H>,
    stream: Body,
) -> Result<Response, Failure> {
    authentication::require_trigger_key(context).await?;
    let sender = context.path_parameter.as_deref().unwrap_or_default();
    if !SENDERS.contains(&sender) {
        return Err(ApiError::UnknownSender.into());
    }
    body::require(context.headers(), MediaTypes::JsonOrCloudEvents)?;
    let config = context.config().await?;
    let bytes = body::read(context.headers(), stream, config.max_body_bytes()?).await?;
    let reports = match Reports::parse(&bytes)? {
        Reports::Handshake(code) => return Ok(body::ok(&HandshakeView::of(&code))),
        Reports::Reports(reports) => reports,
    };
    let (stores, now) = (context.stores()?, context.app.host().now());
    let mut taken = 0;
    for report in &reports {
        taken += usize::from(report.store(stores, sender, context.trace, now)?);
    }
    Ok(body::ok(&TakenView::of(reports.len(), taken)))
}
