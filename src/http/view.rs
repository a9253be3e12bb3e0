//! Documents as clients read them.

use serde::Serialize;

use super::links::Links;
use crate::{
    order::{
        ConditionEndpoint, ContentType, Creator, EmailAddress, Order, OrderId, OrderState,
        ProcessingStatus, Recipient, RecipientLookup,
    },
    timestamp::Timestamp,
};

/// The members that an order and its status share.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Registration<'a> {
    id: OrderId,
    #[serde(skip_serializing_if = "Option::is_none")]
    senders_reference: Option<&'a str>,
    requested_send_time: Timestamp,
    creator: &'a Creator,
    created: Timestamp,
    notification_channel: Channel,
    #[serde(skip_serializing_if = "Option::is_none")]
    ignore_reservation: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_action: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition_endpoint: Option<&'a ConditionEndpoint>,
}

/// How notifications reach their recipients.
#[derive(Serialize)]
enum Channel {
    Email,
}

impl<'a> Registration<'a> {
    fn of(order: &'a Order) -> Self {
        Self {
            id: order.id,
            senders_reference: order.senders_reference.as_deref(),
            requested_send_time: order.requested_send_time,
            creator: &order.creator,
            created: order.created,
            notification_channel: Channel::Email,
            ignore_reservation: order.ignore_reservation,
            resource_id: order.resource_id.as_deref(),
            resource_action: order.resource_action.as_deref(),
            condition_endpoint: order.condition_endpoint.as_ref(),
        }
    }
}

/// An order as it was registered.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrderView<'a> {
    #[serde(flatten)]
    registration: Registration<'a>,
    recipients: &'a [Recipient],
    email_template: TemplateView<'a>,
    links: OrderLinks,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TemplateView<'a> {
    from_address: &'a EmailAddress,
    subject: &'a str,
    body: &'a str,
    content_type: ContentType,
}

#[derive(Serialize)]
struct OrderLinks {
    #[serde(rename = "self")]
    own: String,
    status: String,
}

impl<'a> OrderView<'a> {
    pub(super) fn of(order: &'a Order, links: Links<'_>) -> Self {
        Self {
            registration: Registration::of(order),
            recipients: &order.recipients,
            email_template: TemplateView {
                from_address: &order.from_address,
                subject: &order.subject,
                body: &order.body,
                content_type: order.content_type,
            },
            links: OrderLinks {
                own: links.order(order.id),
                status: links.status(order.id),
            },
        }
    }
}

/// Orders that were looked for.
#[derive(Serialize)]
pub(super) struct OrderList<'a> {
    count: usize,
    orders: Vec<OrderView<'a>>,
}

impl<'a> OrderList<'a> {
    pub(super) fn of(orders: &'a [Order], links: Links<'_>) -> Self {
        let orders: Vec<_> = orders
            .iter()
            .map(|order| OrderView::of(order, links))
            .collect();
        Self {
            count: orders.len(),
            orders,
        }
    }
}

/// How far an order has come.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StatusView<'a> {
    #[serde(flatten)]
    registration: Registration<'a>,
    processing_status: ProcessingStatusView,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProcessingStatusView {
    status: ProcessingStatus,
    description: &'static str,
    last_update: Timestamp,
}

impl<'a> StatusView<'a> {
    pub(super) fn of(order: &'a Order, state: &OrderState) -> Self {
        Self {
            registration: Registration::of(order),
            processing_status: ProcessingStatusView {
                status: state.status,
                description: state.status.description(),
                last_update: state.last_update,
            },
        }
    }
}

/// The notifications of an order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NotificationsView<'a> {
    order_id: OrderId,
    #[serde(skip_serializing_if = "Option::is_none")]
    senders_reference: Option<&'a str>,
    generated: usize,
    succeeded: usize,
    notifications: [(); 0],
}

impl<'a> NotificationsView<'a> {
    pub(super) fn of(order: &'a Order) -> Self {
        Self {
            order_id: order.id,
            senders_reference: order.senders_reference.as_deref(),
            generated: 0,
            succeeded: 0,
            notifications: [],
        }
    }
}

/// What an accepted order is answered with.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Accepted {
    pub(super) order_id: OrderId,
    #[serde(flatten)]
    pub(super) lookup: LookupView,
}

/// What looking recipients up gave, where somebody had to be.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LookupView {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) recipient_lookup: Option<RecipientLookup>,
}
