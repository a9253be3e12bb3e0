//! The delivery of one page of an order's recipients.

use super::{AttemptError, error::During as _, leased_order::LeasedOrder, send::Sends};
use crate::{
    delivery::{ContactsError, Ports, generate},
    order::{BlockedUntil, Notification, NotificationId, NotificationStatus, ProcessingStatus},
    store::{KeyValue, PAGE, Page, PartId},
};

/// The lease of an attempt from each part of a page that it stores, and from each renewal while it
/// sends. A part takes less, because the number of sends and the time of each are bounded.
const LEASE_SECONDS: i64 = 120;

/// The result of a part of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PartResult {
    /// Every notification of the part is settled.
    Settled,
    /// A later attempt continues with the part.
    Open,
    /// The turn of some emails did not come before the deadline. A later attempt continues.
    Held,
    /// The lease is over, so another attempt may have the order.
    LeaseOver,
}

/// A part of a page in memory.
pub(super) struct OpenPart {
    pub(super) id: PartId,
    pub(super) parts: usize,
    pub(super) notifications: Vec<Notification>,
    pub(super) is_new: bool,
    /// The notifications whose reports are forgotten.
    pub(super) renewed: Vec<NotificationId>,
}

impl<K: KeyValue, P: Ports> LeasedOrder<'_, K, P> {
    /// Generates a page unless it is stored, and sends the unsent notifications of a part of it. If
    /// nothing else is left to do, the write of its results completes the order.
    pub(super) async fn deliver_part(&mut self, id: PartId) -> Result<PartResult, AttemptError> {
        let stored = if id.part == 0 && self.is_first_attempt() && !self.pass.is_repeat {
            Ok(None)
        } else {
            self.context.stores.deliveries.part(self.order.id, id)
        };
        let mut part = match stored.during("reading a page")? {
            Some(stored) => OpenPart {
                id,
                parts: stored.parts,
                notifications: stored.notifications,
                is_new: false,
                renewed: Vec::new(),
            },
            // The first part is written after all others.
            None if id.part > 0 => return Ok(PartResult::Open),
            None => match self.generate(id.page).await {
                None => return Ok(PartResult::Open),
                Some(notifications) => match self.store_further_parts(id, notifications).await? {
                    None => return Ok(PartResult::LeaseOver),
                    Some(part) => part,
                },
            },
        };
        let unsent = count_unsent(&part.notifications);
        if unsent == 0 && !part.is_new && !self.is_last() {
            return Ok(PartResult::Settled);
        }
        let mut sends = Sends::default();
        let is_repeat = self.pass.is_repeat;
        let is_next = |notification: &Notification| {
            let status = notification.status;
            status.is_unsent() && (!is_repeat || status == NotificationStatus::New)
        };
        if part.notifications.iter().any(is_next) {
            let now = self.now();
            let mut untried = Vec::new();
            for notification in &mut part.notifications {
                if notification.is_untried() {
                    untried.push(notification.id);
                }
                if is_next(notification) {
                    notification.set(NotificationStatus::Sending, now);
                }
            }
            if !self.store_part(&part, &[]).await? {
                return Ok(PartResult::LeaseOver);
            }
            part.is_new = false;
            sends = self.send_all(&mut part.notifications, &untried).await;
            self.pass.is_limited |= sends.is_limited;
            self.is_held |= sends.is_held;
        }
        let left = count_unsent(&part.notifications);
        if left < unsent {
            // Later pauses are as short as those of an order that has not failed yet.
            self.state.progress.pauses = 0;
            self.pass.has_progressed = true;
        }
        if left == 0 && self.is_last() {
            self.settle(ProcessingStatus::Completed);
        }
        let is_stored = self.store_part(&part, &sends.provider_ids).await?;
        Ok(if !is_stored {
            PartResult::LeaseOver
        } else if left == 0 {
            PartResult::Settled
        } else if sends.is_held {
            PartResult::Held
        } else {
            PartResult::Open
        })
    }

    /// Stores all parts but the first of a page that was generated, and plans to deliver them. Returns
    /// the first part; None if the lease is over.
    async fn store_further_parts(
        &mut self,
        first: PartId,
        mut notifications: Vec<Notification>,
    ) -> Result<Option<OpenPart>, AttemptError> {
        let parts = notifications.len().div_ceil(PAGE).max(1);
        for number in (1..parts).rev() {
            let part = OpenPart {
                id: PartId {
                    part: number,
                    ..first
                },
                parts,
                notifications: notifications.split_off(number * PAGE),
                is_new: true,
                renewed: Vec::new(),
            };
            if !self.store_part(&part, &[]).await? {
                return Ok(None);
            }
            self.plan.push(part.id);
        }
        Ok(Some(OpenPart {
            id: first,
            parts,
            notifications,
            is_new: true,
            renewed: Vec::new(),
        }))
    }

    /// Tells whether no other part is left to deliver, now or later.
    fn is_last(&self) -> bool {
        self.plan.is_empty() && self.open.is_empty()
    }

    /// Stores a part and renews the lease; returns false if the lease is over.
    pub(super) async fn store_part(
        &mut self,
        part: &OpenPart,
        provider_ids: &[(NotificationId, String)],
    ) -> Result<bool, AttemptError> {
        let now = self.now();
        if !self.may_write(now) {
            return Ok(false);
        }
        self.lease = now.plus_seconds(LEASE_SECONDS);
        if !self.state.status.is_final() {
            self.state.progress.blocked_until = BlockedUntil::Lease(self.lease);
        }
        let page = Page {
            part: part.id,
            parts: part.parts,
            notifications: &part.notifications,
            is_new: part.is_new,
            renewed: &part.renewed,
            is_repeated: self.pass.is_repeat,
            provider_ids,
        };
        let deliveries = &self.context.stores.deliveries;
        let stored = deliveries.set_page(self.order.id, page, &self.state).await;
        stored.during("storing a page")?;
        Ok(true)
    }

    /// Renews the lease when half of it is over. If that fails, the attempt has the rest of the old one.
    pub(super) async fn renew_lease(&mut self) {
        let now = self.now();
        if now < self.lease.plus_seconds(-LEASE_SECONDS / 2) || !self.may_write(now) {
            return;
        }
        let lease = now.plus_seconds(LEASE_SECONDS);
        let mut state = self.state;
        state.progress.blocked_until = BlockedUntil::Lease(lease);
        if self.context.set_state(self.order, &state).await.is_ok() {
            self.lease = lease;
            self.state = state;
        }
    }

    /// Generates the notifications of a page; None if the look-up of contacts fails and is to be
    /// repeated.
    async fn generate(&mut self, number: usize) -> Option<Vec<Notification>> {
        let identifiers = generate::identifiers(self.order, number);
        let contacts = if identifiers.is_empty() {
            Ok(Vec::new())
        } else {
            self.context.ports.look_up_contacts(identifiers).await
        };
        let now = self.now();
        let contacts = match contacts {
            Ok(contacts) => Some(contacts),
            Err(ContactsError(reason)) => {
                let result = "contacts not looked up";
                self.context.log_problem(self.order, result, &reason);
                if !self.context.is_given_up(self.order, now) {
                    return None;
                }
                None
            }
        };
        let addresses = &mut self.addresses;
        let all = generate::notifications(self.order, number, contacts, addresses, now);
        Some(all)
    }
}

fn count_unsent(notifications: &[Notification]) -> usize {
    let mut count = 0;
    for notification in notifications {
        count += usize::from(notification.status.is_unsent());
    }
    count
}
