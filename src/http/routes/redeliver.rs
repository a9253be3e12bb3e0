//! `POST /order/{id}/redeliver`

use axum::response::Response;

use super::{owned::Owned, status};
use crate::{
    delivery::Redelivery,
    http::{
        app::Host, body, context::RequestContext, error::ApiError, failure::Failure,
        view::StatusView,
    },
};

/// Sends the failed notifications of a completed order again, for its owner or with the trigger key.
pub(super) async fn redeliver<H: Host>(context: &RequestContext<H>) -> Result<Response, Failure> {
    let Owned {
        order,
        stores,
        config,
    } = Owned::find_by_owner_or_key(context).await?;
    let links = context.links(&config)?;
    let (app, trace) = (&context.app, context.trace);
    let settings = config.trigger().delivery()?;
    let delivery = app.delivery_context(trace, settings)?;
    let lease = match delivery.redeliver(&order).await? {
        Redelivery::Begun(lease) => Some(lease),
        Redelivery::Nothing => None,
        Redelivery::NotCompleted => return Err(ApiError::NotCompleted.into()),
        Redelivery::Erased => return Err(ApiError::ContentErased.into()),
        Redelivery::Inconclusive(reason) => return Err(Failure::inconclusive(&reason)),
    };
    let state = stores.orders.state(&order)?;
    let notifications = status::notifications(stores, &order, &state)?;
    let response = body::ok(&StatusView::of(&order, &state, &notifications, links));
    if lease.is_some() {
        app.deliver(order, lease, trace, settings);
    }
    Ok(response)
}
