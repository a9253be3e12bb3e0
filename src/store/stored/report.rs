//! Delivery reports: `eo:report:<notification>`.

use serde::{Deserialize, Serialize};

use super::VERSION;
use crate::{order::NotificationStatus, timestamp::Timestamp};

/// The last report that changed a notification.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::store) struct StoredReport {
    #[serde(skip_deserializing)]
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
