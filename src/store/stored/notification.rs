//! Notifications: `eo:notes:<id>:<page>` holds an array of them.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    Unreadable, VERSION,
    member::{elements, members},
    read,
};
use crate::{
    order::{Notification, NotificationId, NotificationStatus},
    store::{Key, StoreError},
    timestamp::Timestamp,
};

/// A notification. All notifications of a page are written at once, in one version.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::store) struct StoredNotification<'a> {
    v: u8,
    id: NotificationId,
    recipient: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    status: NotificationStatus,
    last_update: Timestamp,
}

impl<'a> From<&'a Notification> for StoredNotification<'a> {
    fn from(notification: &'a Notification) -> Self {
        Self {
            v: VERSION,
            id: notification.id,
            recipient: notification.recipient,
            address: notification.address.as_deref(),
            name: notification.name.as_deref(),
            status: notification.status,
            last_update: notification.last_update,
        }
    }
}

/// Reads a page of notifications.
pub(in crate::store) fn notifications(
    key: &Key,
    json: &[u8],
) -> Result<Vec<Notification>, StoreError> {
    read(key, json, |json| {
        let page = serde_json::from_slice(json).map_err(|error| Unreadable::json(&error))?;
        elements(page, read_notification)
    })
}

fn read_notification(json: &RawValue) -> Result<Notification, Unreadable> {
    let names = ["id", "recipient", "address", "name", "status", "lastUpdate"];
    let [id, recipient, address, name, status, last_update] =
        members(json.get().as_bytes(), names)?;
    Ok(Notification {
        id: id.parsed(NotificationId::parse)?,
        recipient: recipient.number()?,
        address: address.optional_text()?,
        name: name.optional_text()?,
        status: status.parsed(NotificationStatus::from_name)?,
        last_update: last_update.timestamp()?,
    })
}
