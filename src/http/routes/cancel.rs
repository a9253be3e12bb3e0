//! `PUT /order/{id}/cancel`

use axum::{extract::State, response::Response};
use http::HeaderMap;

use super::owned::{Owned, PathId};
use crate::{
    http::{
        app::{App, Host},
        body,
        error::ApiError,
        view::StatusView,
    },
    order::{Cancellation, NotCancellable, OrderState},
    store::Claimed,
    timestamp::Timestamp,
};

/// Cancels the order, if nothing has been done for it and its send time is far enough ahead.
pub(super) async fn cancel<H: Host>(
    State(app): State<App<H>>,
    id: PathId,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Owned { order, orders, .. } = Owned::find(&app, id, &headers).await?;
    let now = Timestamp::now();
    let mut state = orders.state(&order)?;
    if state.cancellation(&order, now)? == Cancellation::Possible {
        state = match orders.claim_cancelling(order.id, now)? {
            Claimed::Mine => {
                let cancelled = OrderState::cancelled(now);
                orders.set_state(order.id, &cancelled)?;
                cancelled
            }
            Claimed::Contended => return Err(NotCancellable::Processed.into()),
        };
    }
    Ok(body::ok(&StatusView::of(&order, &state)))
}
