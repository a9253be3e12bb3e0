//! `GET /order/{id}/status`

use axum::{extract::State, response::Response};
use http::HeaderMap;

use super::owned::{Owned, PathId};
use crate::http::{
    app::{App, Host},
    body,
    error::ApiError,
    view::StatusView,
};

/// How far the order has come.
pub(super) async fn show<H: Host>(
    State(app): State<App<H>>,
    id: PathId,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Owned { order, orders, .. } = Owned::find(&app, id, &headers).await?;
    let state = orders.state(&order)?;
    Ok(body::with_etag(&headers, &StatusView::of(&order, &state)))
}
