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
        cursor::Cursor,
        error::ApiError,
        links::Links,
        path::Family,
        query,
        view::{OrderList, OrderView},
    },
    order::{OrderId, Violations},
    store::{OrderPage, Selection},
};

/// How many orders a page may have.
pub(in crate::http) const MAX_LIMIT: usize = 100;

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

/// A page of the creator's orders with a reference.
pub(super) async fn list<H: Host>(
    State(app): State<App<H>>,
    Extension(family): Extension<Family>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let config = app.config().await?;
    let grant = authentication::grant(&app, &headers, &config).await?;
    let links = Links::new(config.public_base_url()?, family);
    let query = query.as_deref();
    let reference = query::parameter(query, "sendersReference")
        .filter(|reference| !reference.is_empty())
        .ok_or_else(|| Violations::of("sendersReference", "A sendersReference is required."))?;
    let selection = Selection {
        limit: query::number(query, "limit", 1..=MAX_LIMIT)?,
        after: after(query, &reference)?,
    };
    let creator = authentication::creator(grant, &config)?;
    let OrderPage { orders, next } = app.stores()?.orders.find(&creator, &reference, selection)?;
    let next = next.map(|next| links.page(&reference, selection.limit(), Cursor(next)));
    Ok(body::ok(&OrderList::of(&orders, next, links)))
}

/// The id that the page is behind.
fn after(query: Option<&str>, reference: &str) -> Result<Option<OrderId>, Violations> {
    let Some(text) = query::parameter(query, "after") else {
        return Ok(None);
    };
    match Cursor::decode(&text, reference) {
        Some(Cursor(id)) => Ok(Some(id)),
        None => Err(Violations::of("after", NOT_A_CURSOR)),
    }
}

/// What is said of a cursor that is none.
pub(in crate::http) const NOT_A_CURSOR: &str =
    "Must be as it is in the `next` of a page of this sendersReference.";
