//! Sending the emails of a page.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use futures_util::{StreamExt as _, stream};

use super::{
    DeliveryContext,
    leased_order::{LeasedOrder, is_over},
};
use crate::{
    delivery::{Email, Ports, Progress, Receipt, SendFailure, gate::Held, keywords::Keywords},
    order::{Notification, NotificationId, NotificationStatus, Order},
    store::KeyValue,
    timestamp::Timestamp,
};

/// The number of emails of an order that are sent at the same time.
const CONCURRENT_SENDS: usize = 8;

/// The beginning of the reason of a transient failure that someone has to correct.
const CONFIGURATION: &str = "configuration: ";

/// What became of a send, with its duration.
type Sent = Result<(Result<Receipt, SendFailure>, Duration), Held>;

/// What became of the sends of a part of a page.
#[derive(Debug, Default)]
pub(super) struct Sends {
    /// The ids that the provider has assigned.
    pub(super) provider_ids: Vec<(NotificationId, String)>,
    /// Whether a rate limit has refused an email.
    pub(super) is_limited: bool,
    /// Whether the turn of an email did not come.
    pub(super) is_held: bool,
}

/// The end of the lease of an attempt, as the sends that are under way see it.
struct Lease(Mutex<Timestamp>);

impl Lease {
    fn end(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn extend(&self, end: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = end;
    }
}

impl<K: KeyValue, P: Ports> LeasedOrder<'_, K, P> {
    /// Sends the notifications whose status is `Sending`, the untried ones first, and sets their
    /// results.
    pub(super) async fn send_all(
        &mut self,
        notifications: &mut [Notification],
        untried: &[NotificationId],
    ) -> Sends {
        let sending = notifications
            .iter_mut()
            .filter(|notification| notification.status == NotificationStatus::Sending);
        let (context, order) = (self.context, self.order);
        let lease = Lease(Mutex::new(self.lease));
        let (mut first, mut later) = (Vec::new(), Vec::new());
        for notification in sending {
            let is_untried = untried.contains(&notification.id);
            let send = context.send(order, notification, &lease);
            if is_untried {
                first.push(send);
            } else {
                later.push(send);
            }
        }
        first.append(&mut later);
        let mut running = stream::iter(first).buffer_unordered(CONCURRENT_SENDS);
        let mut results = Vec::new();
        while let Some(result) = running.next().await {
            results.push(result);
            self.renew_lease().await;
            lease.extend(self.lease);
        }
        drop(running);
        let now = self.now();
        let is_given_up = self.context.is_given_up(self.order, now);
        let mut sends = Sends::default();
        for (notification, sent) in results {
            let duration = sent.as_ref().ok().map(|(_, duration)| *duration);
            let is_untried = untried.contains(&notification.id);
            let (status, reason) = match sent {
                Err(held) => {
                    sends.is_held = true;
                    let status = match held {
                        // Each email is tried once, however late.
                        Held::OutOfTime if is_untried => NotificationStatus::New,
                        _ if is_given_up => NotificationStatus::Failed,
                        _ if is_untried || notification.tried => NotificationStatus::New,
                        _ => NotificationStatus::TransientError,
                    };
                    (status, None)
                }
                Ok((Ok(receipt), _)) => {
                    let Receipt {
                        progress,
                        provider_id,
                    } = receipt;
                    if !is_untried && !notification.tried {
                        self.context.clear_fault(self.order);
                    }
                    let ids = &mut sends.provider_ids;
                    ids.extend(provider_id.map(|id| (notification.id, id)));
                    let status = match progress {
                        Progress::Accepted => NotificationStatus::Succeeded,
                        Progress::Delivered => NotificationStatus::Delivered,
                    };
                    (status, None)
                }
                Ok((Err(failure), _)) => {
                    if matches!(failure, SendFailure::RateLimited(_)) {
                        sends.is_limited = true;
                        notification.tried = true;
                    }
                    if let SendFailure::Transient(reason) = &failure
                        && reason.starts_with(CONFIGURATION)
                    {
                        self.context.report_fault(self.order, reason);
                    }
                    status_after(failure, is_given_up)
                }
            };
            notification.set(status, now);
            let reason = reason.as_deref().unwrap_or_default();
            self.context
                .log_notification(self.order, notification, reason, duration);
        }
        sends
    }
}

impl<K: KeyValue, P: Ports> DeliveryContext<'_, K, P> {
    /// Sends one email when its turn comes.
    async fn send<'n>(
        self,
        order: &Order,
        notification: &'n mut Notification,
        lease: &Lease,
    ) -> (&'n mut Notification, Sent) {
        let Self { ports, gate, .. } = self;
        let rate = self.settings.send_rate;
        let permit = match gate.admit(ports, rate, self.deadline).await {
            Ok(permit) => permit,
            Err(held) => return (notification, Err(held)),
        };
        let begun_at = ports.now();
        // A call of the store may have taken long. Another attempt may then have the order.
        if is_over(lease.end(), begun_at) {
            return (notification, Err(Held::OutOfTime));
        }
        let email = email(order, notification);
        let result = ports.send_email(email).await;
        drop(permit);
        let now = ports.now();
        match &result {
            Ok(_) => gate.accept(now),
            Err(SendFailure::RateLimited(seconds)) => self.pause_sender(order, *seconds),
            Err(_) => {}
        }
        (notification, Ok((result, now.duration_since(begun_at))))
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
