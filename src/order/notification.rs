//! Notifications: one email each, to one recipient of an order.

use std::fmt;

use serde::Serialize;
use uuid::Uuid;

use super::{
    recipient::Recipient,
    registered::{Order, OrderId, TIME_BYTES},
};
use crate::{digest::half_sha256, timestamp::Timestamp};

/// The id of a notification, for the sender and in delivery reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
#[cfg_attr(
    test,
    derive(utoipa::ToSchema),
    schema(value_type = String, format = "uuid", example = "5f0c1a52-6a0e-8d2f-9c1b-3e7d4a6b8c90")
)]
pub struct NotificationId(Uuid);

impl NotificationId {
    /// Returns the id of the notification to a recipient of an order (the first is 0) at an address.
    ///
    /// It follows from these (RFC 9562, version 8), so that notifications that are generated again
    /// after a crash are the same. It begins like the order's id, so that the notifications of orders
    /// of the same time are near each other in a sorted index.
    #[must_use]
    pub fn derive(order: OrderId, recipient: u32, address: &str) -> Self {
        let parts = [
            &order.as_bytes()[..],
            &recipient.to_be_bytes(),
            address.as_bytes(),
        ];
        let mut hash = half_sha256(&parts).to_be_bytes();
        hash[..TIME_BYTES].copy_from_slice(&order.as_bytes()[..TIME_BYTES]);
        Self(uuid::Builder::from_custom_bytes(hash).into_uuid())
    }

    /// Reads a UUID.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text).ok().map(Self)
    }

    /// Returns its 16 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// Returns the id of these 16 bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }
}

impl fmt::Display for NotificationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Its id.
    pub id: NotificationId,
    /// The number of the order's recipient; the first is 0.
    pub recipient: u32,
    /// The address that was looked up, empty if there is none; None if the order has the address.
    pub address: Option<String>,
    /// The name that was looked up.
    pub name: Option<String>,
    /// Its status.
    pub status: NotificationStatus,
    /// Whether a rate limit has refused it. It then waits for those that were not tried yet.
    pub tried: bool,
    /// The time of its last change of status.
    pub last_update: Timestamp,
}

impl Notification {
    /// Returns the recipient as the order has it.
    #[must_use]
    pub fn ordered<'a>(&self, order: &'a Order) -> Option<&'a Recipient> {
        let place = usize::try_from(self.recipient).ok()?;
        order.recipients.get(place)
    }

    /// Returns the address that it goes to; empty if no address is known or may be used.
    #[must_use]
    pub fn address<'a>(&'a self, order: &'a Order) -> &'a str {
        match (&self.address, self.ordered(order)) {
            (Some(address), _) => address,
            (None, Some(Recipient::Address(address))) => address.as_str(),
            (None, _) => "",
        }
    }

    /// Returns whether no attempt has tried to send it.
    #[must_use]
    pub fn is_untried(&self) -> bool {
        self.status == NotificationStatus::New && !self.tried
    }

    /// Sets the status.
    pub fn set(&mut self, status: NotificationStatus, now: Timestamp) {
        self.status = status;
        self.last_update = now;
    }
}

/// The status of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(into = "&'static str")]
pub enum NotificationStatus {
    /// It waits to be sent.
    New,
    /// The sender has it; the result is not known yet.
    Sending,
    /// The provider has accepted it.
    Succeeded,
    /// It has reached its recipient.
    Delivered,
    /// It could not be sent.
    Failed,
    /// The person is reserved against electronic messages.
    RecipientReserved,
    /// No address of the recipient is known.
    RecipientNotIdentified,
    /// The provider considers the address invalid.
    InvalidEmailFormat,
    /// The provider sends nothing to the address.
    SuppressedRecipient,
    /// It could not be sent yet, and is tried again.
    TransientError,
    /// The recipient's server has refused it.
    Bounced,
    /// It was filtered as spam.
    FilteredSpam,
    /// It was put into quarantine.
    Quarantined,
}

impl NotificationStatus {
    /// Every status.
    pub const ALL: [Self; 13] = [
        Self::New,
        Self::Sending,
        Self::Succeeded,
        Self::Delivered,
        Self::Failed,
        Self::RecipientReserved,
        Self::RecipientNotIdentified,
        Self::InvalidEmailFormat,
        Self::SuppressedRecipient,
        Self::TransientError,
        Self::Bounced,
        Self::FilteredSpam,
        Self::Quarantined,
    ];

    /// Returns its name in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Sending => "Sending",
            Self::Succeeded => "Succeeded",
            Self::Delivered => "Delivered",
            Self::Failed => "Failed",
            Self::RecipientReserved => "Failed_RecipientReserved",
            Self::RecipientNotIdentified => "Failed_RecipientNotIdentified",
            Self::InvalidEmailFormat => "Failed_InvalidEmailFormat",
            Self::SuppressedRecipient => "Failed_SupressedRecipient",
            Self::TransientError => "Failed_TransientError",
            Self::Bounced => "Failed_Bounced",
            Self::FilteredSpam => "Failed_FilteredSpam",
            Self::Quarantined => "Failed_Quarantined",
        }
    }

    /// Returns the status with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Returns whether it may still have to be sent.
    #[must_use]
    pub fn is_unsent(self) -> bool {
        matches!(self, Self::New | Self::Sending | Self::TransientError)
    }

    /// Returns whether it was sent, and no report says that it did not arrive.
    #[must_use]
    pub fn has_succeeded(self) -> bool {
        matches!(self, Self::Succeeded | Self::Delivered)
    }

    /// Returns whether a report may still change it: the sender has had it, and it has not failed for
    /// good.
    #[must_use]
    pub fn is_reportable(self) -> bool {
        matches!(
            self,
            Self::Sending | Self::TransientError | Self::Succeeded | Self::Delivered
        )
    }

    /// Returns the status after a report, if the report changes it. A final status changes only if an
    /// email that was delivered bounces: some servers accept an email and refuse it later.
    ///
    /// | from | to |
    /// |---|---|
    /// | `Sending`, `Failed_TransientError` | `Succeeded`, or anything that `Succeeded` may become |
    /// | `Succeeded` | `Delivered`, and every failure but `Failed_TransientError` |
    /// | `Delivered` | `Failed_Bounced` |
    /// | all others | nothing |
    ///
    /// `New`, `Sending` and `Failed_TransientError` are not reports, since work is left to do.
    #[must_use]
    pub fn after_report(self, reported: Self) -> Option<Self> {
        let is_news = if self == Self::Delivered {
            reported == Self::Bounced
        } else {
            self.is_reportable() && !reported.is_unsent() && reported != self
        };
        is_news.then_some(reported)
    }

    /// Returns a sentence that explains it.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::New => "The email waits to be sent.",
            Self::Sending => "The email is being sent.",
            Self::Succeeded => "The email is sent; its delivery is not confirmed yet.",
            Self::Delivered => "The email is delivered.",
            Self::Failed => "The email could not be sent.",
            Self::RecipientReserved => {
                "The recipient is reserved against electronic messages, so nothing was sent."
            }
            Self::RecipientNotIdentified => {
                "No address of the recipient is known, so nothing was sent."
            }
            Self::InvalidEmailFormat => "The address is not one that email can be sent to.",
            Self::SuppressedRecipient => "The provider sends nothing to this address.",
            Self::TransientError => "The email could not be sent yet; it will be tried again.",
            Self::Bounced => "The recipient's server refused the email.",
            Self::FilteredSpam => "The email was taken for spam.",
            Self::Quarantined => "The email was put into quarantine.",
        }
    }
}

impl From<NotificationStatus> for &'static str {
    fn from(status: NotificationStatus) -> Self {
        status.name()
    }
}

#[cfg(test)]
impl utoipa::PartialSchema for NotificationStatus {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use utoipa::openapi::{ObjectBuilder, Type};
        let names = Self::ALL.map(Self::name);
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("The status of a notification."))
            .enum_values(Some(names))
            .into()
    }
}

#[cfg(test)]
impl utoipa::ToSchema for NotificationStatus {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derive_id_follows_from_order_recipient_and_address() {
        let order = OrderId::from_bytes([7; 16]);
        let id = NotificationId::derive(order, 0, "a@b.no");
        assert_eq!(id, NotificationId::derive(order, 0, "a@b.no"));
        assert_ne!(id, NotificationId::derive(order, 1, "a@b.no"));
        assert_ne!(id, NotificationId::derive(order, 0, "b@b.no"));
        assert_ne!(
            id,
            NotificationId::derive(OrderId::from_bytes([8; 16]), 0, "a@b.no")
        );
        assert_eq!(id.to_string().as_bytes()[14], b'8');
        assert_eq!(NotificationId::parse(&id.to_string()), Some(id));
        assert_eq!(NotificationId::from_bytes(*id.as_bytes()), id);
    }

    #[test]
    fn after_report_final_status_changes_only_from_delivered_to_bounced() {
        use NotificationStatus as S;
        for from in S::ALL {
            for to in S::ALL {
                let changed = from.after_report(to).is_some();
                let expected = match from {
                    S::Sending | S::TransientError => {
                        !matches!(to, S::New | S::Sending | S::TransientError)
                    }
                    S::Succeeded => {
                        !matches!(to, S::New | S::Sending | S::TransientError | S::Succeeded)
                    }
                    S::Delivered => to == S::Bounced,
                    _ => false,
                };
                assert_eq!(changed, expected, "{from:?} to {to:?}");
            }
        }
    }

    #[test]
    fn status_names_round_trip() {
        for status in NotificationStatus::ALL {
            assert_eq!(NotificationStatus::from_name(status.name()), Some(status));
            let json = format!("\"{}\"", status.name());
            assert_eq!(serde_json::to_string(&status).unwrap(), json);
        }
        assert_eq!(NotificationStatus::from_name("delivered"), None);
    }
}
