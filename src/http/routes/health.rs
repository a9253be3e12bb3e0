//! `GET /health`

use axum::response::{IntoResponse as _, Response};

use crate::{
    http::{
        app::Host,
        authentication, body,
        context::RequestContext,
        error::ApiError,
        failure::{Cause, Failure},
        health::HealthReport,
        query,
    },
    log::Level,
};

/// Returns `Healthy` if the store answers. With `?verbose` and the trigger key, returns a report.
pub(super) async fn show<H: Host>(context: &RequestContext<H>) -> Result<Response, Failure> {
    if query::switch(context.query(), "verbose") {
        return report(context).await;
    }
    context.stores()?.check()?;
    Ok("Healthy".into_response())
}

async fn report<H: Host>(context: &RequestContext<H>) -> Result<Response, Failure> {
    authentication::require_trigger_key(context).await?;
    let config = context.config().await?;
    let report = HealthReport::make(&config, context.stores()?, context.app.host()).await?;
    let Some(fault) = report.fault() else {
        return Ok(body::ok(&report));
    };
    let cause = Cause {
        level: Level::Warn,
        event: "service unhealthy",
        issuer: String::new(),
        reason: fault.clone(),
    };
    let report = Box::new(report);
    Err(Failure::new(ApiError::Unhealthy { fault, report }, cause))
}
