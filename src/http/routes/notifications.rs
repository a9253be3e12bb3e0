//! `GET /order/{id}/notifications/email`

use axum::response::Response;

use super::owned::Owned;
use crate::http::{
    app::Host, body, context::RequestContext, failure::Failure, view::NotificationsView,
};

/// Returns the outcome for each recipient.
pub(super) async fn show<H: Host>(context: &RequestContext<H>) -> Result<Response, Failure> {
    let Owned { order, stores, .. } = Owned::find(context).await?;
    let notifications = stores.deliveries.notifications(&order)?;
    Ok(body::ok(&NotificationsView::of(&order, &notifications)))
}
