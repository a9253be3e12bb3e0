//! The delivery of one page of an order's recipients.

use super::{AttemptError, error::During as _, leased_order::LeasedOrder};
use crate::{
    delivery::{ContactsError, Ports, generate, retry},
    order::{BlockedUntil, Notification, NotificationId, NotificationStatus, ProcessingStatus},
    store::{KeyValue, Page},
    timestamp::Timestamp,
};

/// The lease of an attempt from each page that it stores. It is longer than a page takes, because
/// each send is bounded.
const LEASE_SECONDS: i64 = 120;

/// The result of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PageResult {
    /// Every notification of the page is settled.
    Settled,
    /// A later attempt continues with the page.
    Open,
    /// The sender accepts no emails before this time.
    RateLimited(Timestamp),
    /// The lease is over, so another attempt may have the order.
    LeaseOver,
}

impl<K: KeyValue, P: Ports> LeasedOrder<'_, K, P> {
    /// Generates a page unless it is stored, and sends its unsent notifications. If `is_last`, the
    /// write of its results completes the order.
    pub(super) async fn deliver_page(
        &mut self,
        number: usize,
        is_last: bool,
    ) -> Result<PageResult, AttemptError> {
        let stored = self.context.stores.deliveries.page(self.order.id, number);
        let stored = stored.during("reading a page")?;
        let is_new = stored.is_none();
        let mut notifications = match stored {
            Some(notifications) => notifications,
            None => match self.generate(number).await {
                Some(notifications) => notifications,
                None => return Ok(PageResult::Open),
            },
        };
        let mut provider_ids = Vec::new();
        let mut limit = None;
        let has_unsent = is_any_unsent(&notifications);
        if !(has_unsent || is_new || is_last) {
            return Ok(PageResult::Settled);
        }
        if has_unsent {
            let now = self.now();
            for notification in &mut notifications {
                if notification.status.is_unsent() {
                    notification.set(NotificationStatus::Sending, now);
                }
            }
            let write = self.store_page(number, &notifications, is_new, &[]);
            if !write.await? {
                return Ok(PageResult::LeaseOver);
            }
            (provider_ids, limit) = self.send_all(&mut notifications).await;
        }
        let is_open = is_any_unsent(&notifications);
        if is_last && !is_open {
            self.settle(ProcessingStatus::Completed);
        }
        let is_new = is_new && !has_unsent;
        let write = self.store_page(number, &notifications, is_new, &provider_ids);
        let is_stored = write.await?;
        Ok(match (is_stored, limit) {
            (false, _) => PageResult::LeaseOver,
            (true, Some(until)) if is_open => PageResult::RateLimited(until),
            (true, _) if is_open => PageResult::Open,
            (true, _) => PageResult::Settled,
        })
    }

    /// Stores a page and renews the lease; returns false if the lease is over.
    async fn store_page(
        &mut self,
        number: usize,
        notifications: &[Notification],
        is_new: bool,
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
            number,
            notifications,
            is_new,
            provider_ids,
        };
        let deliveries = &self.context.stores.deliveries;
        let stored = deliveries.set_page(self.order.id, page, &self.state).await;
        stored.during("storing a page")?;
        Ok(true)
    }

    /// Generates the notifications of a page; None if the look-up of contacts fails and is to be
    /// repeated.
    async fn generate(&self, number: usize) -> Option<Vec<Notification>> {
        let identifiers = generate::identifiers(self.order, number);
        let contacts = if identifiers.is_empty() {
            Ok(Vec::new())
        } else {
            self.context.ports.look_up_contacts(identifiers).await
        };
        let now = self.now();
        match contacts {
            Ok(contacts) => {
                let all = generate::notifications(self.order, number, Some(contacts), now);
                Some(all)
            }
            Err(ContactsError(reason)) => {
                let result = "contacts not looked up";
                self.context.log_problem(self.order, result, &reason);
                retry::is_given_up(self.order, now)
                    .then(|| generate::notifications(self.order, number, None, now))
            }
        }
    }
}

fn is_any_unsent(notifications: &[Notification]) -> bool {
    let mut statuses = notifications.iter().map(|notification| notification.status);
    statuses.any(NotificationStatus::is_unsent)
}
