//! Orders: `eo:order:<id>`.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Unreadable, VERSION, read};
use crate::{
    order::{
        ConditionEndpoint, ContentType, Creator, EmailAddress, Fingerprint, NationalIdentityNumber,
        Order, OrderId, OrganizationNumber, Recipient,
    },
    store::{Key, StoreError},
    timestamp::Timestamp,
    trace::TraceId,
};

/// An order. Its value is written once; a repeat writes the same.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::store) struct StoredOrder<'a> {
    #[serde(skip_deserializing)]
    v: u8,
    id: OrderId,
    creator: Cow<'a, str>,
    created: Timestamp,
    requested_send_time: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    senders_reference: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ignore_reservation: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_id: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_action: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition_endpoint: Option<Cow<'a, str>>,
    recipients: Vec<StoredRecipient<'a>>,
    from_address: Cow<'a, str>,
    subject: Cow<'a, str>,
    body: Cow<'a, str>,
    content_type: ContentType,
    /// Only of an order that was placed with an idempotency key.
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
    /// Absent in orders of the first version of the component.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<String>,
}

/// A recipient: exactly one of the members.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredRecipient<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    email_address: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_number: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    national_identity_number: Option<Cow<'a, str>>,
}

impl<'a> From<&'a Order> for StoredOrder<'a> {
    fn from(order: &'a Order) -> Self {
        Self {
            v: VERSION,
            id: order.id,
            creator: order.creator.as_str().into(),
            created: order.created,
            requested_send_time: order.requested_send_time,
            senders_reference: order.senders_reference.as_deref().map(Cow::from),
            ignore_reservation: order.ignore_reservation,
            resource_id: order.resource_id.as_deref().map(Cow::from),
            resource_action: order.resource_action.as_deref().map(Cow::from),
            condition_endpoint: order
                .condition_endpoint
                .as_ref()
                .map(|endpoint| endpoint.as_str().into()),
            recipients: order.recipients.iter().map(StoredRecipient::from).collect(),
            from_address: order.from_address.as_str().into(),
            subject: order.subject.as_str().into(),
            body: order.body.as_str().into(),
            content_type: order.content_type,
            fingerprint: order.fingerprint.as_ref().map(ToString::to_string),
            trace: order.trace.as_ref().map(ToString::to_string),
        }
    }
}

impl<'a> From<&'a Recipient> for StoredRecipient<'a> {
    fn from(recipient: &'a Recipient) -> Self {
        let mut stored = Self::default();
        match recipient {
            Recipient::Address(address) => stored.email_address = Some(address.as_str().into()),
            Recipient::Organization(number) => {
                stored.organization_number = Some(number.as_str().into());
            }
            Recipient::Person(number) => {
                stored.national_identity_number = Some(number.as_str().into());
            }
        }
        stored
    }
}

impl TryFrom<StoredOrder<'_>> for Order {
    type Error = Unreadable;

    fn try_from(stored: StoredOrder<'_>) -> Result<Self, Unreadable> {
        let recipients = stored.recipients.into_iter().map(Recipient::try_from);
        Ok(Self {
            id: stored.id,
            creator: Creator::new(stored.creator).ok_or(Unreadable::Member("creator"))?,
            created: stored.created,
            requested_send_time: stored.requested_send_time,
            senders_reference: stored.senders_reference.map(Cow::into_owned),
            ignore_reservation: stored.ignore_reservation,
            resource_id: stored.resource_id.map(Cow::into_owned),
            resource_action: stored.resource_action.map(Cow::into_owned),
            condition_endpoint: stored
                .condition_endpoint
                .map(|url| ConditionEndpoint::from_stored(url.into_owned())),
            recipients: recipients.collect::<Result<_, _>>()?,
            from_address: EmailAddress::parse(&stored.from_address)
                .map_err(|_| Unreadable::Member("fromAddress"))?,
            subject: stored.subject.into_owned(),
            body: stored.body.into_owned(),
            content_type: stored.content_type,
            fingerprint: stored
                .fingerprint
                .map(|text| Fingerprint::parse(&text).ok_or(Unreadable::Member("fingerprint")))
                .transpose()?,
            // It is for the log alone, so that an order is good without it.
            trace: stored.trace.as_deref().and_then(TraceId::parse),
        })
    }
}

impl TryFrom<StoredRecipient<'_>> for Recipient {
    type Error = Unreadable;

    fn try_from(stored: StoredRecipient<'_>) -> Result<Self, Unreadable> {
        let read = match stored {
            StoredRecipient {
                email_address: Some(address),
                ..
            } => EmailAddress::parse(&address).ok().map(Self::Address),
            StoredRecipient {
                organization_number: Some(number),
                ..
            } => OrganizationNumber::parse(&number)
                .ok()
                .map(Self::Organization),
            StoredRecipient {
                national_identity_number: Some(number),
                ..
            } => NationalIdentityNumber::parse(&number)
                .ok()
                .map(Self::Person),
            _ => None,
        };
        read.ok_or(Unreadable::Member("recipients"))
    }
}

/// Reads an order.
pub(in crate::store) fn order(key: &Key, json: &[u8]) -> Result<Order, StoreError> {
    let stored: StoredOrder<'_> = read(key, json)?;
    Order::try_from(stored).map_err(|reason| reason.under(key))
}
