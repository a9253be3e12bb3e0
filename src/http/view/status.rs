//! The status of an order.

use serde::Serialize;

use super::{notifications::succeeded, registration::Registration};
use crate::{
    http::links::Links,
    order::{Notification, Order, OrderState, ProcessingStatus},
    timestamp::Timestamp,
};

/// The status of an order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = OrderStatus))]
pub(in crate::http) struct StatusView<'a> {
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
    pub(in crate::http) fn of(
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
