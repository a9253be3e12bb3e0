//! `POST /trigger/pastdueorders`

use axum::response::Response;

use crate::http::{
    app::Host, authentication, body, context::RequestContext, failure::Failure, view::RunView,
};

/// Delivers due orders, up to the limit of a run, and then erases and deletes those that have reached
/// their age. Any timer may call it.
pub(super) async fn run<H: Host>(context: &RequestContext<H>) -> Result<Response, Failure> {
    authentication::require_trigger_key(context).await?;
    let config = context.app.trigger_config(context.received).await?;
    let run = context.app.run_trigger(context.trace, config.delivery()?);
    let run = run.await?;
    context.app.retain(context.trace, context.received).await?;
    Ok(body::ok(&RunView::of(run)))
}
