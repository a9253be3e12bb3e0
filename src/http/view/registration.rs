//! The members that an order and its status share.

use serde::Serialize;

use crate::{
    order::{ConditionEndpoint, Creator, Order, OrderId},
    timestamp::Timestamp,
};

/// The members that an order and its status share.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct Registration<'a> {
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
    pub(super) fn of(order: &'a Order) -> Self {
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
