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
#[cfg_attr(test, derive(utoipa::ToSchema))]
struct Registration<'a> {
    /// What the order is known by.
    id: OrderId,
    /// The sender's own text for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    senders_reference: Option<&'a str>,
    /// When it is to be sent; when it was created, if nothing was asked for.
    requested_send_time: Timestamp,
    /// Whose it is.
    creator: &'a Creator,
    /// When it was accepted.
    created: Timestamp,
    notification_channel: Channel,
    /// Whether even persons are written to who are reserved against electronic messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    ignore_reservation: Option<bool>,
    /// The resource that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    resource_id: Option<&'a str>,
    /// What the recipient has to be allowed to do with the resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    resource_action: Option<&'a str>,
    /// The URL that is asked whether it shall still be sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    condition_endpoint: Option<&'a ConditionEndpoint>,
}

/// How notifications reach their recipients.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = NotificationChannel))]
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
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = Order))]
pub(super) struct OrderView<'a> {
    #[serde(flatten)]
    registration: Registration<'a>,
    /// Whom it is for, as they were named in the request.
    recipients: &'a [Recipient],
    email_template: TemplateView<'a>,
    links: OrderLinks,
}

/// What is sent.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = EmailTemplate))]
struct TemplateView<'a> {
    /// Whom the emails are from.
    from_address: &'a EmailAddress,
    subject: &'a str,
    body: &'a str,
    content_type: ContentType,
}

/// Where to read on, in the family of paths of the request.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
struct OrderLinks {
    /// The order.
    #[serde(rename = "self")]
    own: String,
    /// How far it has come.
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
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct OrderList<'a> {
    /// How many there are.
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
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = OrderStatus))]
pub(super) struct StatusView<'a> {
    #[serde(flatten)]
    registration: Registration<'a>,
    processing_status: ProcessingStatusView,
}

/// How far the processing of an order has come, and since when.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = OrderProcessing))]
struct ProcessingStatusView {
    status: ProcessingStatus,
    /// What the status means, in a sentence.
    description: &'static str,
    /// When it came to be so; when the order was created, at first.
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
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = Notifications))]
pub(super) struct NotificationsView<'a> {
    order_id: OrderId,
    /// The sender's own text for the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    senders_reference: Option<&'a str>,
    /// How many there are.
    generated: usize,
    /// How many of them were sent or delivered.
    succeeded: usize,
    #[cfg_attr(test, schema(value_type = Vec<Object>))]
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
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = AcceptedOrder))]
pub(super) struct Accepted {
    /// What the order is known by.
    pub(super) order_id: OrderId,
    #[serde(flatten)]
    pub(super) lookup: LookupView,
}

/// What looking recipients up gave, where somebody had to be.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = CheckedOrder))]
pub(super) struct LookupView {
    /// There only if some recipient has no address of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    pub(super) recipient_lookup: Option<RecipientLookup>,
}
