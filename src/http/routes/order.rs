//! `GET /order/{id}`

use axum::{
    Extension,
    extract::{Path, State, rejection::PathRejection},
    response::Response,
};
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use crate::http::{
    app::{App, Host},
    authentication,
    error::ApiError,
    links::Links,
    path::Family,
};
use crate::{
    http::body,
    order::{
        ConditionEndpoint, ContentType, Creator, EmailAddress, Order, OrderId, Recipient,
        Violations,
    },
    timestamp::Timestamp,
};

/// The order as it was registered.
pub(super) async fn show<H: Host>(
    State(app): State<App<H>>,
    Extension(family): Extension<Family>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let config = app.config().await?;
    let grant = authentication::grant(&headers, &config)?;
    let id = order_id(id)?;
    let creator = authentication::creator(grant, &config)?;
    let order = app
        .orders()?
        .get(&id)?
        .filter(|order| order.creator == creator)
        .ok_or(ApiError::UnknownOrder)?;
    let links = Links::new(&config.public_base_url, family);
    Ok(body::json(StatusCode::OK, &View::of(&order, links)))
}

/// The id in a path.
fn order_id(segment: Result<Path<String>, PathRejection>) -> Result<OrderId, ApiError> {
    segment
        .ok()
        .and_then(|Path(text)| OrderId::parse(&text))
        .ok_or_else(|| Violations::of("id", "The order's id must be a UUID.").into())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View<'a> {
    id: OrderId,
    #[serde(skip_serializing_if = "Option::is_none")]
    senders_reference: Option<&'a str>,
    requested_send_time: Timestamp,
    creator: &'a Creator,
    created: Timestamp,
    notification_channel: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ignore_reservation: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_action: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition_endpoint: Option<&'a ConditionEndpoint>,
    recipients: &'a [Recipient],
    email_template: TemplateView<'a>,
    links: LinksView,
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
struct LinksView {
    #[serde(rename = "self")]
    own: String,
    status: String,
}

impl<'a> View<'a> {
    fn of(order: &'a Order, links: Links<'_>) -> Self {
        Self {
            id: order.id,
            senders_reference: order.senders_reference.as_deref(),
            requested_send_time: order.requested_send_time,
            creator: &order.creator,
            created: order.created,
            notification_channel: "Email",
            ignore_reservation: order.ignore_reservation,
            resource_id: order.resource_id.as_deref(),
            resource_action: order.resource_action.as_deref(),
            condition_endpoint: order.condition_endpoint.as_ref(),
            recipients: &order.recipients,
            email_template: TemplateView {
                from_address: &order.from_address,
                subject: &order.subject,
                body: &order.body,
                content_type: order.content_type,
            },
            links: LinksView {
                own: links.order(order.id),
                status: links.status(order.id),
            },
        }
    }
}
