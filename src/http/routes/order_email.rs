//! `POST /order/email`

use axum::{body::Body, response::Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header::LOCATION};

use crate::{
    delivery::InitialLease,
    http::{
        app::Host,
        authentication,
        body::{self, MediaTypes},
        context::RequestContext,
        error::ApiError,
        failure::Failure,
        links::Links,
        query,
        view::PlacedView,
    },
    log,
    order::{
        Fingerprint, IdempotencyKey, Identifier, NewOrder, NotAKey, Order, OrderId, OrderRequest,
        Recipient, RecipientLookup, Violations,
    },
    store::{Candidate, Claimed, KeyValue, Stores},
    timestamp::Timestamp,
};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Places an order: checks everything, stores the order, and only then accepts it.
pub(super) async fn place<H: Host>(
    context: &RequestContext<H>,
    stream: Body,
) -> Result<Response, Failure> {
    let headers = context.headers();
    let config = context.config().await?;
    let grant = authentication::grant(context, &config).await?;
    let links = context.links(&config)?;
    let from_addresses = config.from_addresses()?;
    let max_bytes = config.max_body_bytes()?;
    let settings = config.trigger().delivery()?;
    body::require(headers, MediaTypes::Json)?;
    let bytes = body::read(headers, stream, max_bytes).await?;

    let host = context.app.host();
    let now = host.now();
    let request = OrderRequest::parse(&bytes)?;
    let key = idempotency_key(headers)?;
    let is_dry_run = query::flag(context.query(), "dryRun")?;
    let order = match (NewOrder::validate(&request, now), &key) {
        (Ok(order), _) => order,
        (Err(violations), Some(key)) if !is_dry_run => {
            // The send time may have passed since the first request: a repeat still gets its 202.
            let creator = grant.creator().map_err(|_| violations.clone())?;
            let placed = context.stores()?.orders.get(key.order_id(&creator))?;
            let placed = placed.filter(|placed| placed.is_of(&request));
            let placed = placed.ok_or(violations)?;
            context.stores()?.orders.file_again(&placed, now).await?;
            let ignores_reservation = placed.ignores_reservation();
            let lookup = look_up(context, &placed.recipients, ignores_reservation).await;
            return Ok(accepted(placed.id, lookup, links, Placed::Before));
        }
        (Err(violations), _) => return Err(violations.into()),
    };
    let creator = authentication::creator(context, grant, &config)?;
    let lookup = look_up(context, order.recipients(), order.ignores_reservation()).await;
    if is_dry_run {
        return Ok(body::ok(&PlacedView {
            order_id: None,
            recipient_lookup: lookup,
        }));
    }

    let fingerprint = key.as_ref().map(|_| Fingerprint::of(&request));
    let id = key.map_or_else(|| OrderId::new(now), |key| key.order_id(&creator));
    let from = from_addresses.of(&creator).clone();
    let order = order
        .register(id, creator, now, from, fingerprint)
        .with_trace(context.trace);
    let stores = context.stores()?;
    let placed = match order.fingerprint {
        None => place_new(stores, &order, now).await?,
        Some(fingerprint) => place_once(stores, host, &order, fingerprint, &request, now).await?,
    };

    if let Placed::Now(lease) = placed {
        log::info("order accepted")
            .trace(context.trace)
            .order(id)
            .creator(&order.creator)
            .route(context.endpoint.route)
            .duration(host.now().duration_since(context.received))
            .write();
        if order.is_due_soon(now) {
            context.app.deliver(order, lease, context.trace, settings);
        }
    }
    Ok(accepted(id, lookup, links, placed))
}

/// Returns 202 with the link to the order.
fn accepted(
    id: OrderId,
    recipient_lookup: Option<RecipientLookup>,
    links: Links<'_>,
    placed: Placed,
) -> Response {
    let accepted = PlacedView {
        order_id: Some(id),
        recipient_lookup,
    };
    let mut response = body::json_response(StatusCode::ACCEPTED, body::to_json(&accepted));
    if let Ok(location) = HeaderValue::from_str(&links.order(id)) {
        response.headers_mut().insert(LOCATION, location);
    }
    if let Placed::Before = placed {
        let replayed = HeaderValue::from_static("true");
        response.headers_mut().insert(IDEMPOTENT_REPLAYED, replayed);
    }
    response
}

/// Looks up the recipients without an address of their own; None if there are none. If the look-up
/// fails, the order is accepted all the same, and the recipients count as missing.
async fn look_up<H: Host>(
    context: &RequestContext<H>,
    recipients: &[Recipient],
    ignores_reservation: bool,
) -> Option<RecipientLookup> {
    let identifiers: Vec<Identifier> = recipients.iter().filter_map(Identifier::of).collect();
    if identifiers.is_empty() {
        return None;
    }
    let contacts = context
        .app
        .host()
        .look_up_contacts(identifiers.clone())
        .await;
    let contacts = contacts
        .inspect_err(|error| {
            log::error("contacts cannot be looked up")
                .trace(context.trace)
                .route(context.endpoint.route)
                .reason(error)
                .write();
        })
        .unwrap_or_default();
    Some(RecipientLookup::of(
        &identifiers,
        &contacts,
        ignores_reservation,
    ))
}

/// Whether this request or an earlier one has stored the order.
#[derive(Debug, Clone, Copy)]
enum Placed {
    /// Now, with the lease of the first attempt if this instance has it.
    Now(Option<InitialLease>),
    /// By an earlier request with the same key.
    Before,
}

/// Stores an order with an id of its own.
async fn place_new(
    stores: &Stores<impl KeyValue>,
    order: &Order,
    now: Timestamp,
) -> Result<Placed, Failure> {
    stores.orders.insert(order, now).await?;
    Ok(Placed::Now(InitialLease::of(order, now)))
}

/// Stores an order whose id is derived from its idempotency key, unless it is stored already.
///
/// Equal requests write the same value under the same key, so concurrent repeats are idempotent. A
/// claim decides between different requests.
async fn place_once(
    stores: &Stores<impl KeyValue>,
    host: &impl Host,
    order: &Order,
    fingerprint: Fingerprint,
    request: &OrderRequest,
    now: Timestamp,
) -> Result<Placed, Failure> {
    let placed_before = || match stores.orders.get(order.id)? {
        Some(placed) if placed.is_of(request) => Ok(Some(Placed::Before)),
        Some(_) => Err(Failure::from(ApiError::KeyReused)),
        None => Ok(None),
    };
    if let Some(placed) = placed_before()? {
        // The write of the first request may have been cut off after the order.
        stores.orders.file_again(order, now).await?;
        return Ok(placed);
    }
    let candidate = Candidate::of_hash(fingerprint.hash());
    let claimed = stores
        .leases
        .claim_placing(host, order.id, candidate, || host.now());
    match claimed.await? {
        Claimed::Won => {
            stores.orders.insert(order, now).await?;
            Ok(Placed::Now(None))
        }
        Claimed::Lost => placed_before()?.ok_or_else(|| ApiError::KeyInUse.into()),
        Claimed::Inconclusive(reason) => Err(Failure::inconclusive(&reason)),
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Violations> {
    let mut lines = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(line) = lines.next() else {
        return Ok(None);
    };
    match (line.to_str(), lines.next()) {
        (Ok(text), None) => IdempotencyKey::parse(text),
        _ => Err(NotAKey),
    }
    .map(Some)
    .map_err(|error| Violations::of("Idempotency-Key", format!("The key {error}.")))
}
