//! What others tell of deliveries.
//!
//! A request has one report or a list of them, in either form:
//!
//! - our own: `{"notificationId": "…", "status": "Delivered"}`, or with `providerId` in place of
//!   `notificationId`; the statuses are those of the API;
//! - Azure Event Grid's events of Azure Communication Services
//!   (`Microsoft.Communication.EmailDeliveryReportReceived`), with the handshake by which a
//!   subscription is confirmed.

#[cfg(test)]
mod schema;

use serde::Deserialize;

#[cfg(test)]
pub(crate) use self::schema::DeliveryReport;
use crate::{
    log,
    order::{NotificationId, NotificationStatus},
    store::{KeyValue, StoreError, Stores},
    timestamp::Timestamp,
    trace::TraceId,
};

const DELIVERY: &str = "Microsoft.Communication.EmailDeliveryReportReceived";
const HANDSHAKE: &str = "Microsoft.EventGrid.SubscriptionValidationEvent";

/// A report, or an event of another kind; members of either form.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema))]
struct Item {
    /// The notification.
    notification_id: Option<String>,
    /// What the provider calls it, in place of that.
    provider_id: Option<String>,
    /// What has become of it: a status of the API that a delivery can end with.
    status: Option<String>,
    /// The kind of an event.
    event_type: Option<String>,
    /// What the event says.
    data: Option<Data>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = DeliveryEvent))]
struct Data {
    message_id: Option<String>,
    status: Option<String>,
    validation_code: Option<String>,
}

/// What a request comes to.
#[derive(Debug, PartialEq, Eq)]
pub enum Reports {
    /// A subscription is to be confirmed with this code; nothing else is done.
    Handshake(String),
    /// Reports; events that are none are left out.
    Reports(Vec<Report>),
}

/// One report.
#[derive(Debug, PartialEq, Eq)]
pub struct Report {
    subject: Subject,
    status: NotificationStatus,
}

#[derive(Debug, PartialEq, Eq)]
enum Subject {
    Notification(NotificationId),
    Provider(String),
}

/// The body is no report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// Its JSON is something else.
    #[error("The body must be a delivery report, or a list of them, as JSON.")]
    Malformed,
    /// There is no notification to find.
    #[error("A report must have a notificationId, which is a UUID, or a providerId.")]
    NoNotification,
    /// A status that tells nothing of a delivery.
    #[error(
        "The status must be one that a delivery can end with, such as Delivered or Failed_Bounced."
    )]
    NoStatus,
}

impl Reports {
    /// Reads the body of a request.
    pub fn parse(body: &[u8]) -> Result<Self, ReportError> {
        let items: Vec<Item> = match body.trim_ascii_start().first() {
            Some(b'[') => serde_json::from_slice(body),
            _ => serde_json::from_slice(body).map(|item| vec![item]),
        }
        .map_err(|_| ReportError::Malformed)?;
        let mut reports = Vec::with_capacity(items.len());
        let mut handshake = None;
        for item in items {
            match item.event_type.as_deref() {
                None => reports.push(Report::own(item)?),
                Some(HANDSHAKE) => {
                    let code = item.data.and_then(|data| data.validation_code);
                    handshake = Some(code.ok_or(ReportError::Malformed)?);
                }
                Some(DELIVERY) => reports.push(Report::of_event(item.data.unwrap_or_default())?),
                // A topic may carry other events, which are nobody's mistake.
                Some(_) => {}
            }
        }
        Ok(handshake.map_or(Self::Reports(reports), Self::Handshake))
    }
}

impl Report {
    fn own(item: Item) -> Result<Self, ReportError> {
        let subject = match (item.notification_id, item.provider_id) {
            (Some(id), _) => Subject::Notification(
                NotificationId::parse(&id).ok_or(ReportError::NoNotification)?,
            ),
            (None, Some(id)) => Subject::Provider(id),
            (None, None) => return Err(ReportError::NoNotification),
        };
        let name = item.status.ok_or(ReportError::NoStatus)?;
        let status = NotificationStatus::from_name(&name)
            .filter(|status| !status.is_unsent())
            .ok_or(ReportError::NoStatus)?;
        Ok(Self { subject, status })
    }

    fn of_event(data: Data) -> Result<Self, ReportError> {
        let message = data.message_id.ok_or(ReportError::NoNotification)?;
        let status = match data.status.as_deref() {
            // A list was expanded into its members: it did arrive.
            Some("Delivered" | "Expanded") => NotificationStatus::Delivered,
            Some("Bounced") => NotificationStatus::Bounced,
            Some("Failed") => NotificationStatus::Failed,
            Some("FilteredSpam") => NotificationStatus::FilteredSpam,
            Some("Quarantined") => NotificationStatus::Quarantined,
            Some("Suppressed") => NotificationStatus::SuppressedRecipient,
            _ => return Err(ReportError::NoStatus),
        };
        Ok(Self {
            subject: Subject::Provider(message),
            status,
        })
    }

    /// Stores what it says; whether that is news. Of a notification that is not known, it is none.
    pub fn store(
        &self,
        stores: &Stores<impl KeyValue>,
        trace: TraceId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let id = match &self.subject {
            Subject::Notification(id) => Some(*id),
            Subject::Provider(id) => stores.deliveries.notification_of(id)?,
        };
        let Some(id) = id else { return Ok(false) };
        let Some(order) = stores.deliveries.order_of(id)? else {
            return Ok(false);
        };
        let is_news = stores.deliveries.report(id, self.status, now)?;
        if is_news {
            log::info("delivery report")
                .trace(trace)
                .order(order)
                .notification(id)
                .result(self.status.name())
                .write();
        }
        Ok(is_news)
    }
}
