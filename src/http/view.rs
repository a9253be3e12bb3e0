//! Documents as clients read them.

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

/// Orders that were looked for, or a page of them.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct OrderList<'a> {
    /// How many there are on this page.
    count: usize,
    orders: Vec<OrderView<'a>>,
    /// Where the next page is. There only if there are more orders.
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

/// How far an order has come.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = OrderStatus))]
pub(super) struct StatusView<'a> {
    #[serde(flatten)]
    registration: Registration<'a>,
    processing_status: ProcessingStatusView,
    /// There once there is a notification.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    notifications_status_summary: Option<SummaryView>,
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

/// How many notifications there are, by channel.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = NotificationsSummary))]
struct SummaryView {
    email: ChannelSummaryView,
}

/// How many notifications there are.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = ChannelSummary))]
struct ChannelSummaryView {
    links: SummaryLinks,
    /// How many there are.
    generated: usize,
    /// How many of them were sent or delivered.
    succeeded: usize,
}

/// Where to read on, in the family of paths of the request.
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
    /// The sender's own text for the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    senders_reference: Option<&'a str>,
    /// How many there are.
    generated: usize,
    /// How many of them were sent or delivered.
    succeeded: usize,
    notifications: Vec<NotificationView<'a>>,
}

/// One email to one recipient.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = Notification))]
struct NotificationView<'a> {
    id: NotificationId,
    /// Whether it was sent or delivered.
    succeeded: bool,
    recipient: NotifiedView<'a>,
    send_status: SendStatusView,
}

/// Whom a notification is for.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = NotifiedRecipient))]
struct NotifiedView<'a> {
    /// Empty where none is known or may be used.
    email_address: &'a str,
    /// There if the organisation was looked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    organization_number: Option<&'a str>,
    /// There if the person was looked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    national_identity_number: Option<&'a str>,
}

/// What has become of a notification, and since when.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = SendStatus))]
struct SendStatusView {
    status: NotificationStatus,
    /// What the status means, in a sentence.
    description: &'static str,
    /// When it came to be so.
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

/// What a run of the trigger did.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = TriggerRun))]
pub(super) struct RunView {
    /// How many orders were due, of those that were looked at.
    due: usize,
    /// How many of them were worked on.
    processed: usize,
    /// Whether there is more to do at once: then call again.
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

/// What became of delivery reports.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = ReportsTaken))]
pub(super) struct TakenView {
    /// How many there were.
    received: usize,
    /// How many of them said something new of a notification that is known.
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
    /// The code that the event had.
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
