//! Orders, pages of orders, and the answer to a new order.

use serde::Serialize;

use super::registration::Registration;
use crate::{
    http::links::Links,
    order::{ContentType, EmailAddress, Order, OrderId, Recipient, RecipientLookup},
    timestamp::Timestamp,
};

/// An order as it was registered.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(utoipa::ToSchema), schema(as = Order))]
pub(in crate::http) struct OrderView<'a> {
    #[serde(flatten)]
    registration: Registration<'a>,
    /// When the content of the order was erased. Absent if it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    content_erased: Option<Timestamp>,
    /// The recipients as the request named them. Empty after the content was erased.
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
    /// Absent after the content was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    subject: Option<&'a str>,
    /// Absent after the content was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    body: Option<&'a str>,
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
        let content = |text: &'a str| order.erased.is_none().then_some(text);
        Self {
            registration: Registration::of(order),
            content_erased: order.erased.map(|erased| erased.at),
            recipients: &order.recipients,
            email_template: TemplateView {
                from_address: &order.from_address,
                subject: content(&order.subject),
                body: content(&order.body),
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
