//! Notifications: `eo:notes:<id>:<page>` holds an array of them.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    Unreadable, VERSION, check_up_to,
    member::{elements, members},
    version,
};
use crate::{
    order::{Notification, NotificationId, NotificationStatus},
    store::{Key, StoreError},
    timestamp::Timestamp,
};

/// The version of a page in several parts, which earlier versions of the component would misread.
/// Pages in one part have [`VERSION`].
const VERSION_OF_PARTS: u8 = 2;

/// A notification. All notifications of a page are written at once, in one version.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::store) struct StoredNotification<'a> {
    v: u8,
    /// The number of parts of the page, in the first notification of a page in several parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    parts: Option<usize>,
    id: NotificationId,
    recipient: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    status: NotificationStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    tried: Option<bool>,
    last_update: Timestamp,
}

impl<'a> From<&'a Notification> for StoredNotification<'a> {
    fn from(notification: &'a Notification) -> Self {
        Self {
            v: VERSION,
            parts: None,
            id: notification.id,
            recipient: notification.recipient,
            address: notification.address.as_deref(),
            name: notification.name.as_deref(),
            status: notification.status,
            tried: notification.tried.then_some(true),
            last_update: notification.last_update,
        }
    }
}

impl StoredNotification<'_> {
    /// Notes the number of parts of the page that begins with this notification.
    pub(in crate::store) fn set_parts(&mut self, parts: usize) {
        self.v = VERSION_OF_PARTS;
        self.parts = Some(parts);
    }
}

/// Reads the notifications of a part of a page. Returns the number of parts of the page too, if this
/// is the first one.
pub(in crate::store) fn notifications(
    key: &Key,
    json: &[u8],
) -> Result<(Vec<Notification>, usize), StoreError> {
    let mut parts = 1;
    let mut read_all = |json| {
        let page = serde_json::from_slice(json).map_err(|error| Unreadable::json(&error))?;
        elements(page, |json| read_notification(json, &mut parts))
    };
    let notifications = check_up_to(VERSION_OF_PARTS, version(json))
        .and_then(|()| read_all(json))
        .map_err(|reason| reason.under(key))?;
    Ok((notifications, parts))
}

fn read_notification(json: &RawValue, parts: &mut usize) -> Result<Notification, Unreadable> {
    let names = [
        "id",
        "recipient",
        "address",
        "name",
        "status",
        "lastUpdate",
        "parts",
        "tried",
    ];
    let [
        id,
        recipient,
        address,
        name,
        status,
        last_update,
        of_page,
        tried,
    ] = members(json.get().as_bytes(), names)?;
    *parts = of_page.number::<usize>()?.max(*parts);
    Ok(Notification {
        id: id.parsed(NotificationId::parse)?,
        recipient: recipient.number()?,
        address: address.optional_text()?,
        name: name.optional_text()?,
        status: status.parsed(NotificationStatus::from_name)?,
        tried: tried.optional_flag()? == Some(true),
        last_update: last_update.timestamp()?,
    })
}
