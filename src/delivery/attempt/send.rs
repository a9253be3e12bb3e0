//! Sending the emails of a page.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use futures_util::{StreamExt as _, stream};

use super::{DeliveryContext, leased_order::LeasedOrder};
use crate::{
    delivery::{Email, Ports, Progress, Receipt, SendFailure, keywords::Keywords, retry},
    order::{Notification, NotificationId, NotificationStatus, Order},
    store::KeyValue,
    timestamp::Timestamp,
};

/// The number of emails of an order that are sent at the same time.
const CONCURRENT_SENDS: usize = 8;

/// The result of a send, with its duration.
type Sent = (Result<Receipt, SendFailure>, Duration);

impl<K: KeyValue, P: Ports> LeasedOrder<'_, K, P> {
    /// Sends the notifications whose status is `Sending`, the untried ones first, and sets their
    /// results. Returns the ids that the provider has assigned, and when the sender accepts emails
    /// again if it has reached a rate limit.
    pub(super) async fn send_all(
        &mut self,
        notifications: &mut [Notification],
        untried: &[NotificationId],
    ) -> (Vec<(NotificationId, String)>, Option<Timestamp>) {
        let is_limited = AtomicBool::new(false);
        let sending = notifications
            .iter_mut()
            .filter(|notification| notification.status == NotificationStatus::Sending);
        let (mut sends, mut later) = (Vec::new(), Vec::new());
        for notification in sending {
            let is_untried = untried.contains(&notification.id);
            let send = Self::send(self.context, self.order, notification, &is_limited);
            if is_untried {
                sends.push(send);
            } else {
                later.push(send);
            }
        }
        sends.append(&mut later);
        let mut sends = stream::iter(sends).buffer_unordered(CONCURRENT_SENDS);
        let mut results = Vec::new();
        while let Some(result) = sends.next().await {
            results.push(result);
            self.renew_lease().await;
        }
        let now = self.now();
        let is_given_up = self.context.is_given_up(self.order, now);
        let mut provider_ids = Vec::new();
        let mut limit: Option<Timestamp> = None;
        for (notification, sent) in results {
            let duration = sent.as_ref().map(|(_, duration)| *duration);
            let (status, reason) = match sent {
                None if is_given_up => (NotificationStatus::Failed, None),
                None if notification.tried || untried.contains(&notification.id) => {
                    (NotificationStatus::New, None)
                }
                None => (NotificationStatus::TransientError, None),
                Some((Ok(receipt), _)) => {
                    let Receipt {
                        progress,
                        provider_id,
                    } = receipt;
                    provider_ids.extend(provider_id.map(|id| (notification.id, id)));
                    let status = match progress {
                        Progress::Accepted => NotificationStatus::Succeeded,
                        Progress::Delivered => NotificationStatus::Delivered,
                    };
                    (status, None)
                }
                Some((Err(failure), _)) => {
                    if let SendFailure::RateLimited(seconds) = failure {
                        let until = retry::rate_limited_until(seconds, now);
                        limit = limit.max(Some(until));
                        notification.tried = true;
                    }
                    status_after(failure, is_given_up)
                }
            };
            notification.set(status, now);
            let reason = reason.as_deref().unwrap_or_default();
            self.context
                .log_notification(self.order, notification, reason, duration);
        }
        (provider_ids, limit)
    }

    /// Sends one email, unless the sender has reached a rate limit.
    async fn send<'n>(
        context: DeliveryContext<'_, K, P>,
        order: &Order,
        notification: &'n mut Notification,
        is_limited: &AtomicBool,
    ) -> (&'n mut Notification, Option<Sent>) {
        if is_limited.load(Ordering::Relaxed) {
            return (notification, None);
        }
        let email = email(order, notification);
        let ports = context.ports;
        let begun_at = ports.now();
        let result = ports.send_email(email).await;
        let duration = ports.now().duration_since(begun_at);
        if matches!(result, Err(SendFailure::RateLimited(_))) {
            is_limited.store(true, Ordering::Relaxed);
        }
        (notification, Some((result, duration)))
    }
}

/// Returns the status of a notification after a failure, and the reason that the sender gave.
fn status_after(failure: SendFailure, is_given_up: bool) -> (NotificationStatus, Option<String>) {
    let unless_given_up = |status| {
        if is_given_up {
            NotificationStatus::Failed
        } else {
            status
        }
    };
    match failure {
        SendFailure::InvalidAddress(reason) => {
            (NotificationStatus::InvalidEmailFormat, Some(reason))
        }
        SendFailure::Suppressed(reason) => (NotificationStatus::SuppressedRecipient, Some(reason)),
        SendFailure::Bounced(reason) => (NotificationStatus::Bounced, Some(reason)),
        SendFailure::TooLarge(reason) | SendFailure::Rejected(reason) => {
            (NotificationStatus::Failed, Some(reason))
        }
        SendFailure::RateLimited(_) => (unless_given_up(NotificationStatus::New), None),
        SendFailure::Transient(reason) => {
            let status = unless_given_up(NotificationStatus::TransientError);
            (status, Some(reason))
        }
    }
}

/// Composes the email of a notification.
fn email(order: &Order, notification: &Notification) -> Email {
    let keywords = notification
        .ordered(order)
        .and_then(|recipient| Keywords::of(recipient, notification.name.as_deref()));
    let (subject, body) = match keywords {
        None => (order.subject.clone(), order.body.clone()),
        Some(keywords) => (
            keywords.in_subject(&order.subject),
            keywords.in_body(&order.body, order.content_type),
        ),
    };
    Email {
        notification: notification.id,
        from: order.from_address.as_str().to_owned(),
        to: notification.address(order).to_owned(),
        subject,
        body,
        content_type: order.content_type,
    }
}
