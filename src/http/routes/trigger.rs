//! `POST /trigger/pastdueorders`

use axum::response::Response;

use crate::http::{
    app::Host, authentication, body, context::RequestContext, failure::Failure, view::RunView,
};

/// Delivers due orders, as many as one run may. Any timer may call it.
pub(super) async fn run<H: Host>(context: &RequestContext<H>) -> Result<Response, Failure> {
    authentication::require_trigger_key(context).await?;
    let config = context.app.trigger_config(context.received).await?;
    let run = context.app.run_trigger(context.trace, config.delivery()?);
    let run = run.await?;
    Ok(body::ok(&RunView::of(run)))
}
