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
    order::{Notification, Order, OrderState, ProcessingStatus},
    store::{KeyValue, StoreError, Stores},
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
        stores,
        config,
    } = Owned::find(&app, id, &headers).await?;
    let links = Links::new(config.public_base_url()?, family);
    let state = stores.orders.state(&order)?;
    let notifications = notifications(stores, &order, &state)?;
    let view = StatusView::of(&order, &state, &notifications, links);
    Ok(body::with_etag(&headers, &view))
}

/// The notifications that an order's status counts.
pub(super) fn notifications(
    stores: &Stores<impl KeyValue>,
    order: &Order,
    state: &OrderState,
) -> Result<Vec<Notification>, StoreError> {
    match state.status {
        ProcessingStatus::Registered => Ok(Vec::new()),
        _ => stores.deliveries.notifications(order),
    }
}
