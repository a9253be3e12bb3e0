//! The lease of the first attempt.

use crate::{
    clock::SKEW_SECONDS,
    order::{Order, OrderState},
    store::CLAIM_SECONDS,
    timestamp::Timestamp,
};

/// The lease of the first attempt at an order, for the instance that stores the order.
///
/// It follows from the order itself: an order that is due soon when it is created, and whose id no
/// other instance can have, belongs to the instance that creates it for [`CLAIM_SECONDS`]. So the
/// instance need not claim the order, and no key says so that might be written later than the order.
///
/// Or the lease of the first attempt of a [redelivery](super::Redelivery), for the instance that has
/// claimed the order.
#[derive(Debug, Clone, Copy)]
pub struct InitialLease {
    pub(super) state: OrderState,
    pub(super) until: Timestamp,
}

impl InitialLease {
    /// Returns the lease of an order; None if the order is not due soon. No other request may store
    /// an order with the same id.
    #[must_use]
    pub fn of(order: &Order, now: Timestamp) -> Option<Self> {
        let until = now.plus_seconds(CLAIM_SECONDS);
        order.is_due_soon(now).then(|| Self {
            state: OrderState::reserved(order, until),
            until,
        })
    }

    /// Returns whether the instance that has stored an order may still begin the first attempt at it.
    /// The order must have no state yet.
    pub(super) fn may_exist(order: &Order, now: Timestamp) -> bool {
        let until = order.created.plus_seconds(CLAIM_SECONDS + SKEW_SECONDS);
        order.fingerprint.is_none() && order.is_due_soon(order.created) && now < until
    }
}
