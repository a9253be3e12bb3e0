//! `GET /order/{id}/notifications/email`

use axum::{extract::State, response::Response};
use http::HeaderMap;

use super::owned::{Owned, PathId};
use crate::http::{
    app::{App, Host},
    body,
    error::ApiError,
    view::NotificationsView,
};

/// What became of each recipient.
pub(super) async fn show<H: Host>(
    State(app): State<App<H>>,
    id: PathId,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Owned { order, stores, .. } = Owned::find(&app, id, &headers).await?;
    let notifications = stores.deliveries.notifications(&order)?;
    Ok(body::ok(&NotificationsView::of(&order, &notifications)))
}
