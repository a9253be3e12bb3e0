//! Delivery reports of providers.
//!
//! A request has one report or a list of reports, each in one of these forms:
//!
//! - the form of this API: `{"notificationId": "…", "status": "Delivered"}`, or with `providerId` in
//!   place of `notificationId`; the statuses are those of the API;
//! - the events of Azure Communication Services in Azure Event Grid's schema
//!   (`Microsoft.Communication.EmailDeliveryReportReceived`), with the handshake that confirms a
//!   subscription;
//! - the same events as CloudEvents 1.0;
//! - the events of Resend's webhooks.

#[cfg(test)]
mod schema;

use serde_json::value::RawValue;

#[cfg(test)]
pub(crate) use self::schema::DeliveryReport;
use crate::{
    json, log,
    order::{NotificationId, NotificationStatus},
    store::{KeyValue, StoreError, Stores},
    timestamp::Timestamp,
    trace::TraceId,
};

const DELIVERY: &str = "Microsoft.Communication.EmailDeliveryReportReceived";
const HANDSHAKE: &str = "Microsoft.EventGrid.SubscriptionValidationEvent";
const CLOUD_EVENTS_VERSION: &str = "1.0";

/// The content of a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Reports {
    /// The handshake of a subscription, to confirm with this code. Other items are ignored.
    Handshake(String),
    /// Each item: a report, or why it is none that can be applied.
    Items(Vec<Result<Report, Ignored>>),
}

/// Why an item is ignored, for the log.
pub type Ignored = &'static str;

const UNKNOWN_FORM: Ignored = "an item of no known form";
const OTHER_EVENT: Ignored = "an event of another kind";
const NO_NOTIFICATION: Ignored = "a report without the id of a notification";
const NO_STATUS: Ignored = "a report without a status of a finished delivery";
/// The notification of a report is unknown.
pub const UNKNOWN_NOTIFICATION: Ignored = "a report of an unknown notification";

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

/// An item in a known form.
enum Item {
    Report(Report),
    Handshake(String),
}

impl Reports {
    /// Parses the body of a request. Returns None if it is not JSON of a known form at all: an object
    /// in one of the forms, or a list.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let body: &RawValue = serde_json::from_slice(body).ok()?;
        let items: Vec<_> = if body.get().starts_with('[') {
            let elements = json::elements(body).ok()?;
            elements.into_iter().map(Item::read).collect()
        } else {
            let item = Item::read(body);
            if item.as_ref().err() == Some(&UNKNOWN_FORM) {
                return None;
            }
            vec![item]
        };
        let mut reports = Vec::with_capacity(items.len());
        for item in items {
            match item {
                Ok(Item::Handshake(code)) => return Some(Self::Handshake(code)),
                Ok(Item::Report(report)) => reports.push(Ok(report)),
                Err(reason) => reports.push(Err(reason)),
            }
        }
        Some(Self::Items(reports))
    }
}

impl Item {
    fn read(json: &RawValue) -> Result<Self, Ignored> {
        let names = [
            "notificationId",
            "providerId",
            "status",
            "eventType",
            "type",
            "specversion",
            "data",
        ];
        let members = json::members(json.get().as_bytes(), &names).map_err(|_| UNKNOWN_FORM)?;
        let [
            notification,
            provider,
            status,
            event,
            cloud_event,
            version,
            data,
        ] = members;
        let kind = text(event).or_else(|| {
            let kind = text(cloud_event);
            kind.filter(|_| text(version).as_deref() == Some(CLOUD_EVENTS_VERSION))
        });
        let Some(kind) = kind else {
            let is_own = text(notification).or_else(|| text(provider)).is_some();
            let has_version = text(version).is_some();
            if let Some(kind) = text(cloud_event)
                && let Some(data) = data.filter(|data| data.get().starts_with('{'))
                && !is_own
                && !has_version
            {
                return Report::of_resend(&kind, data).map(Self::Report);
            }
            return Report::own(notification, provider, status).map(Self::Report);
        };
        let is_handshake = kind == HANDSHAKE;
        if !is_handshake && kind != DELIVERY {
            // A topic may have other events, which are no error.
            return Err(OTHER_EVENT);
        }
        let data = data.map_or("{}", RawValue::get).as_bytes();
        let names = ["messageId", "status", "validationCode"];
        let [message, status, code] = json::members(data, &names).map_err(|_| NO_NOTIFICATION)?;
        if is_handshake {
            text(code).map(Self::Handshake).ok_or(UNKNOWN_FORM)
        } else {
            Report::of_event(text(message), text(status)).map(Self::Report)
        }
    }
}

/// Returns the text of a member; None if it is not a text.
fn text(json: Option<&RawValue>) -> Option<String> {
    serde_json::from_slice(json?.get().as_bytes()).ok()
}

impl Report {
    fn own(
        notification: Option<&RawValue>,
        provider: Option<&RawValue>,
        status: Option<&RawValue>,
    ) -> Result<Self, Ignored> {
        let subject = match (text(notification), text(provider)) {
            (Some(id), _) => NotificationId::parse(&id).map(Subject::Notification),
            (None, Some(id)) => Some(Subject::Provider(id)),
            (None, None) if notification.or(provider).is_none() => return Err(UNKNOWN_FORM),
            (None, None) => None,
        };
        let status = text(status).and_then(|name| NotificationStatus::from_name(&name));
        Ok(Self {
            subject: subject.ok_or(NO_NOTIFICATION)?,
            status: status
                .filter(|status| !status.is_unsent())
                .ok_or(NO_STATUS)?,
        })
    }

    /// Reads an event of Resend. Those of other kinds are no reports, such as that the email was sent
    /// or opened.
    fn of_resend(kind: &str, data: &RawValue) -> Result<Self, Ignored> {
        let status = match kind {
            "email.delivered" => NotificationStatus::Delivered,
            "email.bounced" => NotificationStatus::Bounced,
            "email.failed" => NotificationStatus::Failed,
            "email.suppressed" => NotificationStatus::SuppressedRecipient,
            _ => return Err(OTHER_EVENT),
        };
        let [id] =
            json::members(data.get().as_bytes(), &["email_id"]).map_err(|_| NO_NOTIFICATION)?;
        Ok(Self {
            subject: Subject::Provider(text(id).ok_or(NO_NOTIFICATION)?),
            status,
        })
    }

    fn of_event(message: Option<String>, status: Option<String>) -> Result<Self, Ignored> {
        let message = message.ok_or(NO_NOTIFICATION)?;
        let status = match status.as_deref() {
            // The address was a list, and was expanded into its members.
            Some("Delivered" | "Expanded") => NotificationStatus::Delivered,
            Some("Bounced") => NotificationStatus::Bounced,
            Some("Failed") => NotificationStatus::Failed,
            Some("FilteredSpam") => NotificationStatus::FilteredSpam,
            Some("Quarantined") => NotificationStatus::Quarantined,
            Some("Suppressed") => NotificationStatus::SuppressedRecipient,
            _ => return Err(NO_STATUS),
        };
        Ok(Self {
            subject: Subject::Provider(message),
            status,
        })
    }

    /// Stores the report of a sender, unless earlier reports say the same or more. Returns false if
    /// the notification is unknown.
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
        if stores.deliveries.report(id, self.status, now)? {
            log::info("delivery report")
                .trace(trace)
                .order(order)
                .notification(id)
                .sender(sender)
                .result(self.status.name())
                .write();
        }
        Ok(true)
    }
}
