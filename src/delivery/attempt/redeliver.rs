//! Delivering the failed notifications of an order again.

use super::{AttemptError, DeliveryContext, InitialLease, error::During as _, page::OpenPart};
use crate::{
    delivery::Ports,
    order::{
        BlockedUntil, EmailAddress, Notification, NotificationStatus, Order, ProcessingStatus,
    },
    store::{CLAIM_SECONDS, Claimed, KeyValue, StoreError, StoredPart},
};

/// What becomes of a request to deliver failed notifications again.
#[derive(Debug)]
pub enum Redelivery {
    /// They are as if they were new. The attempt with this lease sends them.
    Begun(InitialLease),
    /// There are none.
    Nothing,
    /// The order is not completed, or another request was first.
    NotCompleted,
    /// The content of the order is erased.
    Erased,
    /// It is unknown who was first; the reason is for the log.
    Inconclusive(String),
}

impl<K: KeyValue, P: Ports> DeliveryContext<'_, K, P> {
    /// Makes the failed notifications of a completed order new, with the same ids. What providers have
    /// reported of them is forgotten.
    ///
    /// The order is filed as due first. So if the instance dies meanwhile, a run of the trigger
    /// completes the order again.
    pub async fn redeliver(self, order: &Order) -> Result<Redelivery, AttemptError> {
        let now = self.ports.now();
        let state = self.stores.orders.state(order);
        let mut state = state.during("reading the state")?;
        if state.status != ProcessingStatus::Completed {
            return Ok(Redelivery::NotCompleted);
        }
        if order.erased.is_some() {
            return Ok(Redelivery::Erased);
        }
        let failed = self.failed_parts(order).during("reading the pages")?;
        if failed.is_empty() {
            return Ok(Redelivery::Nothing);
        }
        match self.claim_attempt(order, &state).await? {
            Claimed::Won => {}
            Claimed::Lost => return Ok(Redelivery::NotCompleted),
            Claimed::Inconclusive(reason) => return Ok(Redelivery::Inconclusive(reason)),
        }
        let until = now.plus_seconds(CLAIM_SECONDS);
        state.status = ProcessingStatus::Processing;
        state.last_update = now;
        state.progress.attempts += 1;
        state.progress.pauses = 0;
        state.progress.blocked_until = BlockedUntil::Lease(until);
        let mut attempt = self.lease(order, state, until);
        let over = || {
            Ok(Redelivery::Inconclusive(
                "the store took too long".to_owned(),
            ))
        };
        if !attempt.may_write(self.ports.now()) {
            return over();
        }
        let orders = &self.stores.orders;
        let stored = orders.postpone(order, &attempt.state, now, now).await;
        stored.during("filing the order")?;
        for StoredPart {
            id,
            mut notifications,
            parts,
        } in failed
        {
            let mut renewed = Vec::new();
            for notification in &mut notifications {
                if may_be_sent(notification, order) {
                    notification.set(NotificationStatus::New, now);
                    notification.tried = false;
                    renewed.push(notification.id);
                }
            }
            let part = OpenPart {
                id,
                parts,
                notifications,
                is_new: false,
                renewed,
            };
            if !attempt.store_part(&part, &[]).await? {
                return over();
            }
        }
        Ok(Redelivery::Begun(InitialLease {
            state: attempt.state,
            until: attempt.lease,
        }))
    }

    /// Returns the parts with notifications that may be sent again.
    fn failed_parts(self, order: &Order) -> Result<Vec<StoredPart>, StoreError> {
        let deliveries = &self.stores.deliveries;
        let mut failed = Vec::new();
        for mut part in deliveries.parts(order)? {
            deliveries.add_reports(&mut part.notifications)?;
            let mut notifications = part.notifications.iter();
            if notifications.any(|notification| may_be_sent(notification, order)) {
                failed.push(part);
            }
        }
        Ok(failed)
    }
}

/// Tells whether a notification of a completed order has not succeeded, and has an address.
fn may_be_sent(notification: &Notification, order: &Order) -> bool {
    let address = notification.address(order);
    !notification.status.has_succeeded() && EmailAddress::parse(address).is_ok()
}
