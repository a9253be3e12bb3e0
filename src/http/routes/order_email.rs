//! `POST /order/email`

use axum::{Extension, body::Body, extract::State, response::Response};
use http::{HeaderMap, HeaderValue, StatusCode, header::LOCATION};
use serde::Serialize;

use crate::{
    http::{
        app::{App, Host},
        authentication, body,
        error::ApiError,
        links::Links,
        path::Family,
    },
    order::{NewOrder, OrderId, OrderRequest, RecipientLookup},
    timestamp::Timestamp,
};

/// Takes an order: checks everything, stores it, and only then accepts it.
pub(super) async fn place<H: Host>(
    State(app): State<App<H>>,
    Extension(family): Extension<Family>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, ApiError> {
    let config = app.config().await?;
    let grant = authentication::grant(&headers, &config)?;
    body::require_json(&headers)?;
    let content = body::read(&headers, content, config.max_body_bytes).await?;

    let now = Timestamp::now();
    let order = NewOrder::validate(OrderRequest::parse(&content)?, now)?;
    let creator = authentication::creator(grant, &config)?;
    let recipient_lookup = RecipientLookup::without_contacts(order.recipients());

    let id = OrderId::random();
    let order = order.register(id, creator, now, config.default_from_address.clone());
    app.orders()?.insert(&order, now)?;

    let accepted = Accepted {
        order_id: id,
        recipient_lookup,
    };
    let mut response = body::json(StatusCode::ACCEPTED, &accepted);
    let location = Links::new(&config.public_base_url, family).order(id);
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Accepted {
    order_id: OrderId,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient_lookup: Option<RecipientLookup>,
}
