//! The JSON documents of responses.

use serde::Serialize;

use super::links::Links;
use crate::{
    delivery::trigger::Run,
    order::{
        ConditionEndpoint, ContentType, Creator, EmailAddress, Notification, NotificationId,
        NotificationStatus, Order, OrderId, OrderState, ProcessingStatus, Recipient,
        RecipientLookup,
    },
    timestamp::Timestamp,
};

/// The members that an order and its status share.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema))]
struct Registration<'a> {
    /// The order's id.
    id: OrderId,
    /// The sender's reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    senders_reference: Option<&'a str>,
    /// The requested send time; the time of creation if the request had none.
    requested_send_time: Timestamp,
    /// The creator of the order.
    creator: &'a Creator,
    /// The time when the order was accepted.
    created: Timestamp,
    notification_channel: Channel,
    /// Whether to notify persons who are reserved against electronic messages too.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    ignore_reservation: Option<bool>,
    /// The resource that the order is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    resource_id: Option<&'a str>,
    /// The action on the resource that the recipient must be authorised for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    resource_action: Option<&'a str>,
    /// The URL that decides, when the order is due, whether to send it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    condition_endpoint: Option<&'a ConditionEndpoint>,
}

/// The channel that notifications are sent through.
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
    /// The recipients as the request named them.
    recipients: &'a [Recipient],
    email_template: TemplateView<'a>,
    links: OrderLinks,
}

/// The email that is sent.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = EmailTemplate))]
struct TemplateView<'a> {
    /// The sender address of the emails.
    from_address: &'a EmailAddress,
    subject: &'a str,
    body: &'a str,
    content_type: ContentType,
}

/// Links in the path family of the request.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
struct OrderLinks {
    /// The order.
    #[serde(rename = "self")]
    own: String,
    /// The status of the order.
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

/// A page of orders.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct OrderList<'a> {
    /// The number of orders on this page.
    count: usize,
    orders: Vec<OrderView<'a>>,
    /// A link to the next page. Absent if there are no more orders.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false, format = "uri-reference"))]
    next: Option<String>,
}

impl<'a> OrderList<'a> {
    pub(super) fn of(orders: &'a [Order], next: Option<String>, links: Links<'_>) -> Self {
        let orders: Vec<_> = orders
            .iter()
            .map(|order| OrderView::of(order, links))
            .collect();
        Self {
            count: orders.len(),
            orders,
            next,
        }
    }
}

/// The status of an order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = OrderStatus))]
pub(super) struct StatusView<'a> {
    #[serde(flatten)]
    registration: Registration<'a>,
    processing_status: ProcessingStatusView,
    /// The number of notifications. Absent until there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    notifications_status_summary: Option<SummaryView>,
}

/// The processing status of an order, and since when it has it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = OrderProcessing))]
struct ProcessingStatusView {
    status: ProcessingStatus,
    /// The meaning of the status, in one sentence.
    description: &'static str,
    /// The time of the last change; at first, the time of creation.
    last_update: Timestamp,
}

/// The number of notifications by channel.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = NotificationsSummary))]
struct SummaryView {
    email: ChannelSummaryView,
}

/// The number of notifications.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = ChannelSummary))]
struct ChannelSummaryView {
    links: SummaryLinks,
    /// The number of notifications.
    generated: usize,
    /// The number of those that were sent or delivered.
    succeeded: usize,
}

/// Links in the path family of the request.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
struct SummaryLinks {
    /// The notifications.
    #[serde(rename = "self")]
    own: String,
}

impl<'a> StatusView<'a> {
    pub(super) fn of(
        order: &'a Order,
        state: &OrderState,
        notifications: &[Notification],
        links: Links<'_>,
    ) -> Self {
        let summary = || SummaryView {
            email: ChannelSummaryView {
                links: SummaryLinks {
                    own: links.notifications(order.id),
                },
                generated: notifications.len(),
                succeeded: succeeded(notifications),
            },
        };
        Self {
            registration: Registration::of(order),
            processing_status: ProcessingStatusView {
                status: state.status,
                description: state.status.description(),
                last_update: state.last_update,
            },
            notifications_status_summary: (!notifications.is_empty()).then(summary),
        }
    }
}

fn succeeded(notifications: &[Notification]) -> usize {
    let succeeded = |notification: &&Notification| notification.status.has_succeeded();
    notifications.iter().filter(succeeded).count()
}

/// The notifications of an order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = Notifications))]
pub(super) struct NotificationsView<'a> {
    order_id: OrderId,
    /// The sender's reference of the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    senders_reference: Option<&'a str>,
    /// The number of notifications.
    generated: usize,
    /// The number of those that were sent or delivered.
    succeeded: usize,
    notifications: Vec<NotificationView<'a>>,
}

/// One email to one recipient.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = Notification))]
struct NotificationView<'a> {
    id: NotificationId,
    /// Whether the email was sent or delivered.
    succeeded: bool,
    recipient: NotifiedView<'a>,
    send_status: SendStatusView,
}

/// The recipient of a notification.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = NotifiedRecipient))]
struct NotifiedView<'a> {
    /// The address. Empty if none is known, or if the person is reserved.
    email_address: &'a str,
    /// The organisation whose address was looked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    organization_number: Option<&'a str>,
    /// The person whose address was looked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    national_identity_number: Option<&'a str>,
}

/// The status of a notification, and since when it has it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = SendStatus))]
struct SendStatusView {
    status: NotificationStatus,
    /// The meaning of the status, in one sentence.
    description: &'static str,
    /// The time of the last change.
    last_update: Timestamp,
}

impl<'a> NotificationsView<'a> {
    pub(super) fn of(order: &'a Order, notifications: &'a [Notification]) -> Self {
        let view = |notification: &'a Notification| NotificationView {
            id: notification.id,
            succeeded: notification.status.has_succeeded(),
            recipient: NotifiedView::of(order, notification),
            send_status: SendStatusView {
                status: notification.status,
                description: notification.status.description(),
                last_update: notification.last_update,
            },
        };
        Self {
            order_id: order.id,
            senders_reference: order.senders_reference.as_deref(),
            generated: notifications.len(),
            succeeded: succeeded(notifications),
            notifications: notifications.iter().map(view).collect(),
        }
    }
}

impl<'a> NotifiedView<'a> {
    fn of(order: &'a Order, notification: &'a Notification) -> Self {
        let (organization_number, national_identity_number) = match notification.ordered(order) {
            Some(Recipient::Organization(number)) => (Some(number.as_str()), None),
            Some(Recipient::Person(number)) => (None, Some(number.as_str())),
            Some(Recipient::Address(_)) | None => (None, None),
        };
        Self {
            email_address: notification.address(order),
            organization_number,
            national_identity_number,
        }
    }
}

/// The result of a run of the trigger.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = TriggerRun))]
pub(super) struct RunView {
    /// The number of due orders that the run found.
    due: usize,
    /// The number of those that it processed.
    processed: usize,
    /// Whether more orders are due. If so, call again at once.
    more: bool,
}

impl RunView {
    pub(super) fn of(run: Run) -> Self {
        let Run {
            due,
            processed,
            more,
        } = run;
        Self {
            due,
            processed,
            more,
        }
    }
}

/// The result of delivery reports.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = ReportsTaken))]
pub(super) struct TakenView {
    /// The number of reports.
    received: usize,
    /// The number of reports that changed the status of a notification.
    changed: usize,
}

impl TakenView {
    pub(super) fn of(received: usize, changed: usize) -> Self {
        Self { received, changed }
    }
}

/// The confirmation of a subscription to Azure Event Grid.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = SubscriptionConfirmed))]
pub(super) struct HandshakeView<'a> {
    /// The code of the validation event.
    validation_response: &'a str,
}

impl<'a> HandshakeView<'a> {
    pub(super) fn of(code: &'a str) -> Self {
        Self {
            validation_response: code,
        }
    }
}

/// The answer to a request to place an order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = PlacedOrder))]
pub(super) struct PlacedView {
    /// The id of the order. Absent in a dry run, which stores no order.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    pub(super) order_id: Option<OrderId>,
    /// The result of the look-up. Absent if every recipient has an address of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    pub(super) recipient_lookup: Option<RecipientLookup>,
}
