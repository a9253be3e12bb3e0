//! Registered orders.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    address::EmailAddress, condition_endpoint::ConditionEndpoint, content_type::ContentType,
    fingerprint::Fingerprint, new_order::NewOrder, recipient::Recipient, request::OrderRequest,
};
use crate::{timestamp::Timestamp, trace::TraceId};

/// The number of bytes at the beginning of an id that say when an order was placed, unless its id is
/// derived from a key.
pub(super) const TIME_BYTES: usize = 6;

/// The id of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
#[cfg_attr(
    test,
    derive(utoipa::ToSchema),
    schema(value_type = String, format = "uuid", example = "0b8f6b1e-58f6-4b5e-9a3a-0c6a4f5f7f10")
)]
pub struct OrderId(Uuid);

impl OrderId {
    /// Returns a new id: the time in milliseconds, then 74 random bits (RFC 9562, version 7).
    ///
    /// Ids of the same time are near each other in a sorted index, so that a write of several orders
    /// changes few of its pages.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        let mut bytes = Uuid::new_v4().into_bytes();
        let [_, _, time @ ..] = now.unix_milliseconds().to_be_bytes();
        bytes[..TIME_BYTES].copy_from_slice(&time);
        Self(
            uuid::Builder::from_bytes(bytes)
                .with_version(uuid::Version::SortRand)
                .into_uuid(),
        )
    }

    /// Reads a UUID, with hyphens or without.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // The uuid crate would also accept braces and `urn:uuid:`, which the API does not.
        matches!(text.len(), 32 | 36)
            .then(|| Uuid::try_parse(text).ok())
            .flatten()
            .map(Self)
    }

    /// Returns the id that is derived from a hash (RFC 9562, version 8).
    #[must_use]
    pub fn of_hash(hash: [u8; 16]) -> Self {
        Self(uuid::Builder::from_custom_bytes(hash).into_uuid())
    }

    /// Returns its 16 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The length of its text, with hyphens.
    pub const LENGTH: usize = uuid::fmt::Hyphenated::LENGTH;

    /// Writes its text into a buffer, without the cost of a formatter.
    #[must_use]
    pub fn encode<'b>(&self, buffer: &'b mut [u8; Self::LENGTH]) -> &'b str {
        self.0.hyphenated().encode_lower(buffer)
    }

    /// Returns the id of these 16 bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The creator of an order: the short name of an organisation, or its number with an authority.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(example = "ttd"))]
pub struct Creator(String);

impl Creator {
    /// Returns the creator with this name, if it is not blank.
    pub fn new(name: impl Into<String>) -> Option<Self> {
        Some(name.into())
            .filter(|name| !name.trim().is_empty())
            .map(Self)
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An order as it was registered. It never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the members are those of the API")]
pub struct Order {
    pub id: OrderId,
    pub creator: Creator,
    pub created: Timestamp,
    pub requested_send_time: Timestamp,
    pub senders_reference: Option<String>,
    pub ignore_reservation: Option<bool>,
    pub resource_id: Option<String>,
    pub resource_action: Option<String>,
    pub condition_endpoint: Option<ConditionEndpoint>,
    pub recipients: Vec<Recipient>,
    pub from_address: EmailAddress,
    pub subject: String,
    pub body: String,
    pub content_type: ContentType,
    /// The fingerprint of the request, if it had an idempotency key.
    pub fingerprint: Option<Fingerprint>,
    /// The trace of the request that placed it, which its delivery continues. Absent in orders
    /// that were stored before it was.
    pub trace: Option<TraceId>,
    /// When the content was erased, if it was. The order then has no subject, no body and no
    /// recipients.
    pub erased: Option<Erased>,
}

/// The erasure of an order's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erased {
    /// When the content was erased.
    pub at: Timestamp,
    /// The number of recipients that the order had.
    pub recipients: usize,
}

/// How long before its send time an order is taken up by the instance that stores it, or by a run of
/// the trigger. The emails wait for the send time.
pub const DUE_AHEAD_SECONDS: i64 = 5;

impl Order {
    /// Returns whether it is due. No email is sent before.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.requested_send_time <= now
    }

    /// Returns whether it is due, or will be in a few seconds.
    #[must_use]
    pub fn is_due_soon(&self, now: Timestamp) -> bool {
        self.is_due(now.plus_seconds(DUE_AHEAD_SECONDS))
    }

    /// Adds the trace of the request that places the order.
    #[must_use]
    pub fn with_trace(self, trace: TraceId) -> Self {
        Self {
            trace: Some(trace),
            ..self
        }
    }

    /// Returns whether it was placed by this request, sent with an idempotency key.
    #[must_use]
    pub fn is_of(&self, request: &OrderRequest) -> bool {
        self.fingerprint
            .is_some_and(|fingerprint| fingerprint.matches(request))
    }

    /// Returns the number of its recipients, also after they were erased.
    #[must_use]
    pub fn recipient_count(&self) -> usize {
        let count = self.erased.map(|erased| erased.recipients);
        count.unwrap_or(self.recipients.len())
    }

    /// Returns what remains of the order after its content is erased.
    #[must_use]
    pub fn without_content(self, at: Timestamp) -> Self {
        Self {
            erased: Some(Erased {
                at,
                recipients: self.recipient_count(),
            }),
            recipients: Vec::new(),
            subject: String::new(),
            body: String::new(),
            ..self
        }
    }

    /// Returns whether persons who are reserved against electronic messages are notified too.
    #[must_use]
    pub fn ignores_reservation(&self) -> bool {
        self.ignore_reservation == Some(true)
    }
}

impl NewOrder {
    /// Registers the order for a creator.
    #[must_use]
    pub fn register(
        self,
        id: OrderId,
        creator: Creator,
        created: Timestamp,
        from_address: EmailAddress,
        fingerprint: Option<Fingerprint>,
    ) -> Order {
        Order {
            id,
            creator,
            created,
            requested_send_time: self.requested_send_time,
            senders_reference: self.senders_reference,
            ignore_reservation: self.ignore_reservation,
            resource_id: self.resource_id,
            resource_action: self.resource_action,
            condition_endpoint: self.condition_endpoint,
            recipients: self.recipients,
            from_address,
            subject: self.subject,
            body: self.body,
            content_type: self.content_type,
            fingerprint,
            trace: None,
            erased: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_id_begins_with_the_time_and_is_random() {
        let now = Timestamp::parse("2022-02-22T19:22:22Z").unwrap();
        let id = OrderId::new(now).to_string();
        assert!(id.starts_with("017f22e2-79b0-7"), "{id}");
        assert!(
            matches!(id.as_bytes()[19], b'8' | b'9' | b'a' | b'b'),
            "{id}"
        );
        assert_ne!(OrderId::new(now).to_string(), id);
    }

    #[test]
    fn parse_id_with_or_without_hyphens() {
        let id = OrderId::parse("0b8f6b1e-58f6-4b5e-9a3a-0c6a4f5f7f10").unwrap();
        assert_eq!(OrderId::parse("0B8F6B1E58F64B5E9A3A0C6A4F5F7F10"), Some(id));
        assert_eq!(id.to_string(), "0b8f6b1e-58f6-4b5e-9a3a-0c6a4f5f7f10");
        for text in [
            "",
            "x",
            "email",
            "0b8f6b1e-58f6-4b5e-9a3a-0c6a4f5f7f1",
            "0b8f6b1e58f64b5e9a3a0c6a4f5f7f1g",
            "{0b8f6b1e-58f6-4b5e-9a3a-0c6a4f5f7f10}",
            "urn:uuid:0b8f6b1e-58f6-4b5e-9a3a-0c6a4f5f7f10",
            "0b8f6b1e58f6-4b5e-9a3a-0c6a4f5f7f10--",
        ] {
            assert_eq!(OrderId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn creator_blank_name_is_none() {
        assert_eq!(Creator::new("ttd").unwrap().as_str(), "ttd");
        assert_eq!(Creator::new(""), None);
        assert_eq!(Creator::new("  "), None);
    }
}
