//! The notifications of an order.

use serde::Serialize;

use crate::{
    order::{Notification, NotificationId, NotificationStatus, Order, OrderId, Recipient},
    timestamp::Timestamp,
};

/// The notifications of an order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = Notifications))]
pub(in crate::http) struct NotificationsView<'a> {
    order_id: OrderId,
    /// The sender's reference of the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    senders_reference: Option<&'a str>,
    /// The number of notifications.
    generated: usize,
    /// The number of those that were sent or delivered.
    succeeded: usize,
    notifications: Vec<NotificationView<'a>>,
}

/// One email to one recipient.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = Notification))]
struct NotificationView<'a> {
    id: NotificationId,
    /// Whether the email was sent or delivered.
    succeeded: bool,
    recipient: NotifiedView<'a>,
    send_status: SendStatusView,
}

/// The recipient of a notification.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = NotifiedRecipient))]
struct NotifiedView<'a> {
    /// The address. Empty if none is known, or if the person is reserved. Absent after the content of
    /// the order was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    email_address: Option<&'a str>,
    /// The organisation whose address was looked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    organization_number: Option<&'a str>,
    /// The person whose address was looked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    national_identity_number: Option<&'a str>,
}

/// The status of a notification, and since when it has it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = SendStatus))]
struct SendStatusView {
    status: NotificationStatus,
    /// The meaning of the status, in one sentence.
    description: &'static str,
    /// The time of the last change.
    last_update: Timestamp,
}

impl<'a> NotificationsView<'a> {
    pub(in crate::http) fn of(order: &'a Order, notifications: &'a [Notification]) -> Self {
        let view = |notification: &'a Notification| NotificationView {
            id: notification.id,
            succeeded: notification.status.has_succeeded(),
            recipient: NotifiedView::of(order, notification),
            send_status: SendStatusView {
                status: notification.status,
                description: notification.status.description(),
                last_update: notification.last_update,
            },
        };
        Self {
            order_id: order.id,
            senders_reference: order.senders_reference.as_deref(),
            generated: notifications.len(),
            succeeded: succeeded(notifications),
            notifications: notifications.iter().map(view).collect(),
        }
    }
}

impl<'a> NotifiedView<'a> {
    fn of(order: &'a Order, notification: &'a Notification) -> Self {
        let (organization_number, national_identity_number) = match notification.ordered(order) {
            Some(Recipient::Organization(number)) => (Some(number.as_str()), None),
            Some(Recipient::Person(number)) => (None, Some(number.as_str())),
            Some(Recipient::Address(_)) | None => (None, None),
        };
        Self {
            email_address: order.erased.is_none().then(|| notification.address(order)),
            organization_number,
            national_identity_number,
        }
    }
}

/// Returns how many notifications were sent or delivered.
pub(super) fn succeeded(notifications: &[Notification]) -> usize {
    let succeeded = |notification: &&Notification| notification.status.has_succeeded();
    notifications.iter().filter(succeeded).count()
}
