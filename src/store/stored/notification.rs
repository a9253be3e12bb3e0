//! Notifications: `eo:notes:<id>:<page>` holds an array of them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::VERSION;
use crate::{
    order::{Notification, NotificationId, NotificationStatus},
    timestamp::Timestamp,
};

/// A notification. All notifications of a page are written at once, in one version.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::store) struct StoredNotification<'a> {
    #[serde(skip_deserializing)]
    v: u8,
    id: NotificationId,
    recipient: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Cow<'a, str>>,
    status: NotificationStatus,
    last_update: Timestamp,
}

impl<'a> From<&'a Notification> for StoredNotification<'a> {
    fn from(notification: &'a Notification) -> Self {
        Self {
            v: VERSION,
            id: notification.id,
            recipient: notification.recipient,
            address: notification.address.as_deref().map(Cow::from),
            name: notification.name.as_deref().map(Cow::from),
            status: notification.status,
            last_update: notification.last_update,
        }
    }
}

impl From<StoredNotification<'_>> for Notification {
    fn from(stored: StoredNotification<'_>) -> Self {
        Self {
            id: stored.id,
            recipient: stored.recipient,
            address: stored.address.map(Cow::into_owned),
            name: stored.name.map(Cow::into_owned),
            status: stored.status,
            last_update: stored.last_update,
        }
    }
}
