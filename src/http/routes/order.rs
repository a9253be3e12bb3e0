//! `GET /order/{id}` and `GET /order?sendersReference=`

use axum::response::Response;

use super::owned::Owned;
use crate::{
    http::{
        app::Host,
        authentication, body, conditional,
        context::RequestContext,
        cursor::Cursor,
        failure::Failure,
        query,
        view::{OrderList, OrderView},
    },
    order::{OrderId, Violations},
    store::{OrderPage, Selection},
};

/// The most orders on a page.
pub(in crate::http) const MAX_LIMIT: usize = 100;

/// Returns the order as it was registered.
pub(super) async fn show<H: Host>(context: &RequestContext<H>) -> Result<Response, Failure> {
    let Owned { order, config, .. } = Owned::find(context).await?;
    let view = OrderView::of(&order, context.links(&config)?);
    Ok(conditional::respond(context.headers(), &view))
}

/// Returns a page of the creator's orders with a reference.
pub(super) async fn list<H: Host>(context: &RequestContext<H>) -> Result<Response, Failure> {
    let config = context.config().await?;
    let grant = authentication::grant(context, &config).await?;
    let links = context.links(&config)?;
    let query = context.query();
    let reference = query::parameter(query, "sendersReference")
        .filter(|reference| !reference.is_empty())
        .ok_or_else(|| Violations::of("sendersReference", "A sendersReference is required."))?;
    let selection = Selection {
        limit: query::number(query, "limit", 1..=MAX_LIMIT)?,
        after: after(query, &reference)?,
    };
    let creator = authentication::creator(context, grant, &config)?;
    let found = context
        .stores()?
        .orders
        .find(&creator, &reference, selection)?;
    let OrderPage { orders, next } = found;
    let next = next.map(|next| links.page(&reference, selection.limit(), Cursor(next)));
    Ok(body::ok(&OrderList::of(&orders, next, links)))
}

/// Returns the id of the last order on the previous page.
fn after(query: Option<&str>, reference: &str) -> Result<Option<OrderId>, Violations> {
    let Some(text) = query::parameter(query, "after") else {
        return Ok(None);
    };
    match Cursor::decode(&text, reference) {
        Some(Cursor(id)) => Ok(Some(id)),
        None => Err(Violations::of("after", NOT_A_CURSOR)),
    }
}

/// The violation of an invalid cursor.
pub(in crate::http) const NOT_A_CURSOR: &str =
    "Must be as it is in the `next` of a page of this sendersReference.";
