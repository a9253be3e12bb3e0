//! `PUT /order/{id}/cancel`

use axum::response::Response;

use super::{owned::Owned, status};
use crate::{
    http::{
        app::Host, body, conditional, context::RequestContext, failure::Failure, view::StatusView,
    },
    order::{Cancellation, NotCancellable, OrderState},
    store::Claimed,
};

/// Cancels the order, if no attempt has begun, its send time is far enough ahead, and `If-Match`
/// names its current status.
pub(super) async fn cancel<H: Host>(context: &RequestContext<H>) -> Result<Response, Failure> {
    let Owned {
        order,
        stores,
        config,
    } = Owned::find(context).await?;
    let links = context.links(&config)?;
    let host = context.app.host();
    let now = host.now();
    let mut state = stores.orders.state(&order)?;
    conditional::require_match(context.headers(), || {
        let notifications = status::notifications(stores, &order, &state)?;
        let status = StatusView::of(&order, &state, &notifications, links);
        Ok::<_, Failure>(conditional::entity_tag(&status))
    })?;
    if state.cancellation(&order, now)? == Cancellation::Possible {
        let claimed = stores
            .leases
            .claim_cancelling(host, order.id, || host.now());
        state = match claimed.await? {
            Claimed::Won => {
                let cancelled = OrderState::cancelled(now);
                stores.orders.set_state(order.id, &cancelled).await?;
                cancelled
            }
            Claimed::Lost => return Err(NotCancellable::Processed.into()),
            Claimed::Inconclusive(reason) => return Err(Failure::inconclusive(&reason)),
        };
    }
    // A cancelled order has no notifications.
    Ok(body::ok(&StatusView::of(&order, &state, &[], links)))
}
