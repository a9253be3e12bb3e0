//! `GET /order/{id}` and `GET /order?sendersReference=`

use axum::{
    Extension,
    extract::{RawQuery, State},
    response::Response,
};
use http::HeaderMap;

use super::owned::{Owned, PathId};
use crate::{
    http::{
        app::{App, Host},
        authentication, body,
        error::ApiError,
        links::Links,
        path::Family,
        query,
        view::{OrderList, OrderView},
    },
    order::Violations,
};

/// The order as it was registered.
pub(super) async fn show<H: Host>(
    State(app): State<App<H>>,
    Extension(family): Extension<Family>,
    id: PathId,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Owned { order, config, .. } = Owned::find(&app, id, &headers).await?;
    let links = Links::new(config.public_base_url()?, family);
    Ok(body::with_etag(&headers, &OrderView::of(&order, links)))
}

/// The creator's orders with a reference.
pub(super) async fn list<H: Host>(
    State(app): State<App<H>>,
    Extension(family): Extension<Family>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let config = app.config().await?;
    let grant = authentication::grant(&app, &headers, &config).await?;
    let links = Links::new(config.public_base_url()?, family);
    let reference = query::parameter(query.as_deref(), "sendersReference")
        .filter(|reference| !reference.is_empty())
        .ok_or_else(|| Violations::of("sendersReference", "A sendersReference is required."))?;
    let creator = authentication::creator(grant, &config)?;
    let orders = app.orders()?.find(&creator, &reference)?;
    Ok(body::ok(&OrderList::of(&orders, links)))
}
