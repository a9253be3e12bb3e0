//! `GET /order/{id}/status`

use axum::response::Response;

use super::owned::Owned;
use crate::{
    http::{app::Host, conditional, context::RequestContext, failure::Failure, view::StatusView},
    order::{Notification, Order, OrderState, ProcessingStatus},
    store::{KeyValue, StoreError, Stores},
};

/// Returns the progress of the order.
pub(super) async fn show<H: Host>(context: &RequestContext<H>) -> Result<Response, Failure> {
    let Owned {
        order,
        stores,
        config,
    } = Owned::find(context).await?;
    let links = context.links(&config)?;
    let state = stores.orders.state(&order)?;
    let notifications = notifications(stores, &order, &state)?;
    let view = StatusView::of(&order, &state, &notifications, links);
    Ok(conditional::respond(context.headers(), &view))
}

/// Returns the notifications that an order's status counts.
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
