//! The lease of the first attempt.

use crate::{
    order::{Order, OrderState},
    store::CLAIM_SECONDS,
    timestamp::Timestamp,
};

/// The lease of the first attempt at an order, for the instance that stores the order. It is stored
/// together with the order, so the instance need not claim the order.
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

    /// Returns the state to store with the order.
    #[must_use]
    pub fn state(&self) -> &OrderState {
        &self.state
    }
}
