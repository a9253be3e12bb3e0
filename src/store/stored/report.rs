//! Delivery reports: `eo:report:<notification>`.

use serde::Serialize;

use super::{VERSION, member::members, read};
use crate::{
    order::NotificationStatus,
    store::{Key, StoreError},
    timestamp::Timestamp,
};

/// The last report that changed a notification.
#[derive(Debug, Serialize)]
pub(in crate::store) struct StoredReport {
    v: u8,
    pub(in crate::store) status: NotificationStatus,
    pub(in crate::store) at: Timestamp,
}

impl StoredReport {
    /// Returns the form of a report.
    pub(in crate::store) fn new(status: NotificationStatus, at: Timestamp) -> Self {
        Self {
            v: VERSION,
            status,
            at,
        }
    }
}

/// Reads a report.
pub(in crate::store) fn report(key: &Key, json: &[u8]) -> Result<StoredReport, StoreError> {
    read(key, json, |json| {
        let [status, at] = members(json, ["status", "at"])?;
        Ok(StoredReport::new(
            status.parsed(NotificationStatus::from_name)?,
            at.timestamp()?,
        ))
    })
}
