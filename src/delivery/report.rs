//! Delivery reports of providers.
//!
//! A request has one report or a list of reports, in one of two forms:
//!
//! - the form of this API: `{"notificationId": "…", "status": "Delivered"}`, or with `providerId` in
//!   place of `notificationId`; the statuses are those of the API;
//! - the events of Azure Communication Services in Azure Event Grid's schema
//!   (`Microsoft.Communication.EmailDeliveryReportReceived`), with the handshake that confirms a
//!   subscription.

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

/// A report, or an event of another kind, with the members of both forms.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema))]
struct Item {
    /// The id of the notification.
    notification_id: Option<String>,
    /// The id that the provider has assigned to the notification, in place of `notificationId`.
    provider_id: Option<String>,
    /// The result of the delivery: a final status of the API.
    status: Option<String>,
    /// The kind of the event.
    event_type: Option<String>,
    /// The content of the event.
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

/// The content of a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Reports {
    /// The handshake of a subscription, to confirm with this code. Other items are ignored.
    Handshake(String),
    /// Reports. Events of other kinds are ignored.
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

/// The body is not a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// The JSON has another form.
    #[error("The body must be a delivery report, or a list of them, as JSON.")]
    Malformed,
    /// A report names no notification.
    #[error("A report must have a notificationId, which is a UUID, or a providerId.")]
    NoNotification,
    /// A report has no status, or not one of a finished delivery.
    #[error("The status must be that of a finished delivery, such as Delivered or Failed_Bounced.")]
    NoStatus,
}

impl Reports {
    /// Parses the body of a request.
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
                // A topic may have other events, which are no error.
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
            // The address was a list, and was expanded into its members.
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

    /// Stores the report of a sender. Returns whether it changes the status of a notification; false
    /// if the notification is unknown.
    pub fn store(
        &self,
        stores: &Stores<impl KeyValue>,
        sender: &str,
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
        let is_new = stores.deliveries.report(id, self.status, now)?;
        if is_new {
            log::info("delivery report")
                .trace(trace)
                .order(order)
                .notification(id)
                .sender(sender)
                .result(self.status.name())
                .write();
        }
        Ok(is_new)
    }
}
