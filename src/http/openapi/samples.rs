//! The examples of the document: one order from its request to its cancellation. The code that
//! answers requests makes every response among them.

use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    delivery::trigger::Run,
    http::{
        cursor::Cursor,
        health::HealthReport,
        links::Links,
        path::ApiFlavor as Family,
        view::{NotificationsView, OrderList, OrderView, PlacedView, RunView, StatusView},
    },
    order::{
        Creator, EmailAddress, IdempotencyKey, Identifier, NewOrder, Notification, NotificationId,
        NotificationStatus, Order, OrderId, OrderRequest, OrderState, ProcessingStatus,
        RecipientLookup,
    },
    timestamp::Timestamp,
};

/// The key of the sample request. The order's id derives from it and from the creator.
const IDEMPOTENCY_KEY: &str = "case-4711-first-notice";

/// The sample order's reference.
pub(super) const REFERENCE: &str = "case-4711";

const CREATOR: &str = "ttd";
const FROM: &str = "noreply@altinn.cloud";
const CREATED: &str = "2026-01-05T09:30:12.1234567Z";
const CANCELLED: &str = "2026-01-05T10:02:45.5Z";
const COMPLETED: &str = "2099-01-31T07:00:02.25Z";

/// Returns the sample request: every member, every kind of recipient, and a send time that leaves
/// time to cancel.
pub(super) fn whole_request() -> Value {
    json!({
        "sendersReference": REFERENCE,
        "subject": "Hello $recipientName$",
        "body": "<p>You have a new letter.</p>",
        "contentType": "Html",
        "requestedSendTime": "2099-01-31T08:00:00+01:00",
        "ignoreReservation": false,
        "resourceId": "urn:altinn:resource:my-service",
        "resourceAction": "read",
        "conditionEndpoint": "https://api.example.no/send?id=1",
        "recipients": [
            { "emailAddress": "someone@example.no" },
            { "organizationNumber": "123456789" },
            { "nationalIdentityNumber": "16069412345" },
        ],
    })
}

/// Returns a request with the required members only.
pub(super) fn short_request() -> Value {
    json!({
        "subject": "Hello",
        "body": "You have a new letter.",
        "recipients": [{ "emailAddress": "someone@example.no" }],
    })
}

/// Returns a request that breaks several rules.
pub(super) fn wrong_request() -> Value {
    json!({
        "subject": "Hello",
        "body": "You have a new letter.",
        "recipients": [{ "emailAddress": "someone" }, { "organizationNumber": "12345678" }],
    })
}

/// Returns the sample order's id.
pub(super) fn id() -> OrderId {
    let key = IdempotencyKey::parse(IDEMPOTENCY_KEY).expect("a key");
    key.order_id(&creator())
}

/// Returns the answer to the sample request.
pub(super) fn accepted() -> Value {
    document(&PlacedView {
        order_id: Some(id()),
        recipient_lookup: Some(no_contact_found()),
    })
}

/// Returns the answer to a dry run of it.
pub(super) fn checked() -> Value {
    document(&PlacedView {
        order_id: None,
        recipient_lookup: Some(no_contact_found()),
    })
}

/// Returns the `Location` of the sample order.
pub(super) fn location(family: Family) -> String {
    links(family).order(id())
}

/// Returns the sample order.
pub(super) fn order(family: Family) -> Value {
    document(&OrderView::of(&registered(), links(family)))
}

/// Returns the list of orders with its reference.
pub(super) fn list(family: Family) -> Value {
    document(&OrderList::of(&[registered()], None, links(family)))
}

/// Returns a page of that list, with a next page.
pub(super) fn page(family: Family) -> Value {
    let next = links(family).page(REFERENCE, 1, Cursor(id()));
    document(&OrderList::of(&[registered()], Some(next), links(family)))
}

/// Returns an empty list.
pub(super) fn empty_list(family: Family) -> Value {
    document(&OrderList::of(&[], None, links(family)))
}

/// Returns the status before anything has happened.
pub(super) fn status(family: Family) -> Value {
    let order = registered();
    status_of(&order, &OrderState::registered(&order), &[], family)
}

/// Returns the status after a cancellation.
pub(super) fn cancelled(family: Family) -> Value {
    let state = OrderState::cancelled(instant(CANCELLED));
    status_of(&registered(), &state, &[], family)
}

/// Returns the status after delivery.
pub(super) fn completed(family: Family) -> Value {
    let order = registered();
    let state = OrderState {
        status: ProcessingStatus::Completed,
        last_update: instant(COMPLETED),
        ..OrderState::registered(&order)
    };
    status_of(&order, &state, &sent(&order), family)
}

/// Returns the notifications before the send time: none.
pub(super) fn no_notifications() -> Value {
    document(&NotificationsView::of(&registered(), &[]))
}

/// Returns the notifications after delivery.
pub(super) fn notifications() -> Value {
    let order = registered();
    document(&NotificationsView::of(&order, &sent(&order)))
}

/// Returns the health report of a service that needs no attention.
pub(super) fn health() -> Value {
    document(&HealthReport::sample(0))
}

/// Returns the result of a trigger run.
pub(super) fn run() -> Value {
    document(&RunView::of(Run {
        due: 2,
        processed: 2,
        more: false,
    }))
}

fn status_of(
    order: &Order,
    state: &OrderState,
    notifications: &[Notification],
    family: Family,
) -> Value {
    document(&StatusView::of(order, state, notifications, links(family)))
}

/// Returns one notification of each kind: to a given address, to an address that was looked up, and
/// to a reserved person.
fn sent(order: &Order) -> Vec<Notification> {
    let looked_up = |address: &str| Some(address.to_owned());
    let notification = |recipient, address: Option<String>, status| Notification {
        id: NotificationId::derive(order.id, recipient, address.as_deref().unwrap_or_default()),
        recipient,
        address,
        name: None,
        status,
        tried: false,
        last_update: instant(COMPLETED),
    };
    vec![
        notification(0, None, NotificationStatus::Delivered),
        notification(
            1,
            looked_up("post@example.no"),
            NotificationStatus::Succeeded,
        ),
        notification(2, looked_up(""), NotificationStatus::RecipientReserved),
    ]
}

fn links(family: Family) -> Links<'static> {
    Links::new("", family)
}

fn registered() -> Order {
    let created = instant(CREATED);
    let request = whole_request().to_string();
    let request = OrderRequest::parse(request.as_bytes()).expect("JSON of the right types");
    let from = EmailAddress::parse(FROM).expect("an address");
    NewOrder::validate(&request, created)
        .expect("an order that keeps every rule")
        .register(id(), creator(), created, from, None)
}

/// Returns the result of a look-up that finds no contact.
fn no_contact_found() -> RecipientLookup {
    let recipients = &registered().recipients;
    let identifiers: Vec<_> = recipients.iter().filter_map(Identifier::of).collect();
    RecipientLookup::of(&identifiers, &[], false)
}

fn creator() -> Creator {
    Creator::new(CREATOR).expect("a name")
}

fn instant(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a date-time")
}

fn document(view: &impl Serialize) -> Value {
    serde_json::to_value(view).expect("a document")
}
