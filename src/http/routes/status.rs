//! `GET /order/{id}/status`

use axum::{Extension, extract::State, response::Response};
use http::HeaderMap;

use super::owned::{Owned, PathId};
use crate::{
    http::{
        app::{App, Host},
        body,
        error::ApiError,
        links::Links,
        path::Family,
        view::StatusView,
    },
    order::ProcessingStatus,
};

/// How far the order has come.
pub(super) async fn show<H: Host>(
    State(app): State<App<H>>,
    Extension(family): Extension<Family>,
    id: PathId,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Owned {
        order,
        orders,
        config,
    } = Owned::find(&app, id, &headers).await?;
    let links = Links::new(config.public_base_url()?, family);
    let state = orders.state(&order)?;
    let notifications = match state.status {
        ProcessingStatus::Registered => Vec::new(),
        _ => orders.notifications(&order)?,
    };
    let view = StatusView::of(&order, &state, &notifications, links);
    Ok(body::with_etag(&headers, &view))
}
