//! `PUT /order/{id}/cancel`

use axum::{Extension, extract::State, response::Response};
use http::HeaderMap;

use super::{
    owned::{Owned, PathId},
    status,
};
use crate::{
    http::{
        app::{App, Host},
        body,
        error::ApiError,
        links::Links,
        path::Family,
        view::StatusView,
    },
    order::{Cancellation, NotCancellable, OrderState},
    store::Claimed,
};

/// Cancels the order, if nothing has been done for it and its send time is far enough ahead, and if
/// its status is the one that `If-Match` names.
pub(super) async fn cancel<H: Host>(
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
    let now = app.host().now();
    let mut state = stores.orders.state(&order)?;
    body::require_match(&headers, || {
        let notifications = status::notifications(stores, &order, &state)?;
        let status = StatusView::of(&order, &state, &notifications, links);
        Ok(body::entity_tag(&status))
    })?;
    if state.cancellation(&order, now)? == Cancellation::Possible {
        let claimed = stores
            .leases
            .claim_cancelling(app.host(), order.id, || app.host().now());
        state = match claimed.await? {
            Claimed::Won => {
                let cancelled = OrderState::cancelled(now);
                stores.orders.set_state(order.id, &cancelled).await?;
                cancelled
            }
            Claimed::Lost => return Err(NotCancellable::Processed.into()),
            Claimed::Inconclusive(why) => return Err(ApiError::inconclusive(&why)),
        };
    }
    // Nothing was generated for an order that is cancelled.
    Ok(body::ok(&StatusView::of(&order, &state, &[], links)))
}
