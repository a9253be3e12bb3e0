//! Orders, pages of orders, and the answer to a new order.

use serde::Serialize;

use super::registration::Registration;
use crate::{
    http::links::Links,
    order::{ContentType, EmailAddress, Order, OrderId, Recipient, RecipientLookup},
};

/// An order as it was registered.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = Order))]
pub(in crate::http) struct OrderView<'a> {
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
    pub(in crate::http) fn of(order: &'a Order, links: Links<'_>) -> Self {
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
pub(in crate::http) struct OrderList<'a> {
    /// The number of orders on this page.
    count: usize,
    orders: Vec<OrderView<'a>>,
    /// A link to the next page. Absent if there are no more orders.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false, format = "uri-reference"))]
    next: Option<String>,
}

impl<'a> OrderList<'a> {
    pub(in crate::http) fn of(orders: &'a [Order], next: Option<String>, links: Links<'_>) -> Self {
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

/// The answer to a request to place an order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = PlacedOrder))]
pub(in crate::http) struct PlacedView {
    /// The id of the order. Absent in a dry run, which stores no order.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    pub(in crate::http) order_id: Option<OrderId>,
    /// The result of the look-up. Absent if every recipient has an address of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    pub(in crate::http) recipient_lookup: Option<RecipientLookup>,
}
