//! `POST /trigger/pastdueorders`

use axum::response::Response;

use crate::http::{
    app::Host, authentication, body, context::RequestContext, failure::Failure, view::RunView,
};

/// Delivers due orders, up to the limit of a run. Any timer may call it.
pub(super) async fn run<H: Host>(context: &RequestContext<H>) -> Result<Response, Failure> {
    authentication::require_trigger_key(context).await?;
    let config = context.app.trigger_config(context.received).await?;
    let give_up_hours = config.give_up_hours()?;
    let run = context.app.run_trigger(context.trace, give_up_hours);
    let run = run.await?;
    Ok(body::ok(&RunView::of(run)))
}
