//! Orders: `eo:order:<id>`.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    Unreadable, VERSION,
    member::{elements, members},
    read,
};
use crate::{
    order::{
        ConditionEndpoint, ContentType, Creator, EmailAddress, Erased, Fingerprint,
        NationalIdentityNumber, Order, OrderId, OrganizationNumber, Recipient,
    },
    store::{Key, StoreError},
    timestamp::Timestamp,
    trace::TraceId,
};

/// An order. Its value is written once; a repeat writes the same.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::store) struct StoredOrder<'a> {
    v: u8,
    id: OrderId,
    creator: &'a str,
    created: Timestamp,
    requested_send_time: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    senders_reference: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ignore_reservation: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_action: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition_endpoint: Option<&'a str>,
    recipients: Vec<StoredRecipient<'a>>,
    from_address: &'a str,
    subject: &'a str,
    body: &'a str,
    content_type: ContentType,
    /// Only of an order that was placed with an idempotency key.
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
    /// Absent in orders of the first version of the component.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<TraceId>,
    /// Only of an order whose content was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    content_erased: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient_count: Option<usize>,
}

/// A recipient: exactly one of the members.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct StoredRecipient<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    email_address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    national_identity_number: Option<&'a str>,
}

impl<'a> From<&'a Order> for StoredOrder<'a> {
    fn from(order: &'a Order) -> Self {
        Self {
            v: VERSION,
            id: order.id,
            creator: order.creator.as_str(),
            created: order.created,
            requested_send_time: order.requested_send_time,
            senders_reference: order.senders_reference.as_deref(),
            ignore_reservation: order.ignore_reservation,
            resource_id: order.resource_id.as_deref(),
            resource_action: order.resource_action.as_deref(),
            condition_endpoint: order
                .condition_endpoint
                .as_ref()
                .map(ConditionEndpoint::as_str),
            recipients: order.recipients.iter().map(StoredRecipient::from).collect(),
            from_address: order.from_address.as_str(),
            subject: order.subject.as_str(),
            body: order.body.as_str(),
            content_type: order.content_type,
            fingerprint: order.fingerprint.as_ref().map(ToString::to_string),
            trace: order.trace,
            content_erased: order.erased.map(|erased| erased.at),
            recipient_count: order.erased.map(|erased| erased.recipients),
        }
    }
}

impl<'a> From<&'a Recipient> for StoredRecipient<'a> {
    fn from(recipient: &'a Recipient) -> Self {
        let mut stored = Self::default();
        match recipient {
            Recipient::Address(address) => stored.email_address = Some(address.as_str()),
            Recipient::Organization(number) => {
                stored.organization_number = Some(number.as_str());
            }
            Recipient::Person(number) => {
                stored.national_identity_number = Some(number.as_str());
            }
        }
        stored
    }
}

/// The names of an order's members, as [`read_order`] reads them.
const MEMBERS: [&str; 18] = [
    "id",
    "creator",
    "created",
    "requestedSendTime",
    "sendersReference",
    "ignoreReservation",
    "resourceId",
    "resourceAction",
    "conditionEndpoint",
    "recipients",
    "fromAddress",
    "subject",
    "body",
    "contentType",
    "fingerprint",
    "trace",
    "contentErased",
    "recipientCount",
];

/// Reads an order.
pub(in crate::store) fn order(key: &Key, json: &[u8]) -> Result<Order, StoreError> {
    read(key, json, read_order)
}

fn read_order(json: &[u8]) -> Result<Order, Unreadable> {
    let [
        id,
        creator,
        created,
        requested_send_time,
        senders_reference,
        ignore_reservation,
        resource_id,
        resource_action,
        condition_endpoint,
        recipients,
        from_address,
        subject,
        body,
        content_type,
        fingerprint,
        trace,
        content_erased,
        recipient_count,
    ] = members(json, MEMBERS)?;
    let recipients = recipients.json().ok_or(recipients.invalid())?;
    Ok(Order {
        id: id.parsed(OrderId::parse)?,
        creator: Creator::new(creator.text()?).ok_or(creator.invalid())?,
        created: created.timestamp()?,
        requested_send_time: requested_send_time.timestamp()?,
        senders_reference: senders_reference.optional_text()?,
        ignore_reservation: ignore_reservation.optional_flag()?,
        resource_id: resource_id.optional_text()?,
        resource_action: resource_action.optional_text()?,
        condition_endpoint: condition_endpoint
            .optional_text()?
            .map(ConditionEndpoint::from_stored),
        recipients: elements(recipients, read_recipient)?,
        from_address: from_address.parsed(|text| EmailAddress::parse(text).ok())?,
        subject: subject.text()?,
        body: body.text()?,
        content_type: content_type.parsed(ContentType::from_name)?,
        fingerprint: match fingerprint.json() {
            Some(_) => Some(fingerprint.parsed(Fingerprint::parse)?),
            None => None,
        },
        // It is for the log alone, so an order is valid without it.
        trace: trace.parsed(TraceId::parse).ok(),
        erased: match content_erased.json() {
            Some(_) => Some(Erased {
                at: content_erased.timestamp()?,
                recipients: recipient_count.number()?,
            }),
            None => None,
        },
    })
}

fn read_recipient(json: &RawValue) -> Result<Recipient, Unreadable> {
    let names = [
        "emailAddress",
        "organizationNumber",
        "nationalIdentityNumber",
    ];
    let [address, organization, person] = members(json.get().as_bytes(), names)?;
    if address.json().is_some() {
        address.parsed(|text| Some(Recipient::Address(EmailAddress::parse(text).ok()?)))
    } else if organization.json().is_some() {
        let parse = |text: &str| {
            Some(Recipient::Organization(
                OrganizationNumber::parse(text).ok()?,
            ))
        };
        organization.parsed(parse)
    } else {
        person.parsed(|text| Some(Recipient::Person(NationalIdentityNumber::parse(text).ok()?)))
    }
}
