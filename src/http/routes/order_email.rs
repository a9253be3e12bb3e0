//! `POST /order/email`

use axum::{
    Extension,
    extract::{RawQuery, Request, State},
    response::Response,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header::LOCATION, request::Parts};

use crate::{
    delivery::InitialLease,
    http::{
        app::{App, Host},
        authentication,
        body::{self, MediaTypes},
        error::ApiError,
        links::Links,
        path::Family,
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
    trace::TraceId,
};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Takes an order: checks everything, stores it, and only then accepts it.
pub(super) async fn place<H: Host>(
    State(app): State<App<H>>,
    Extension(family): Extension<Family>,
    Extension(trace): Extension<TraceId>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Response, ApiError> {
    let (Parts { headers, .. }, content) = request.into_parts();
    let config = app.config().await?;
    let grant = authentication::grant(&app, &headers, &config).await?;
    let links = Links::new(config.public_base_url()?, family);
    let from = config.default_from_address()?;
    let max_bytes = config.max_body_bytes()?;
    body::require(&headers, MediaTypes::Json)?;
    let content = body::read(&headers, content, max_bytes).await?;

    let now = app.host().now();
    let request = OrderRequest::parse(&content)?;
    let key = idempotency_key(&headers)?;
    let dry_run = query::flag(query.as_deref(), "dryRun")?;
    let order = match (NewOrder::validate(&request, now), &key) {
        (Ok(order), _) => order,
        (Err(violations), Some(key)) if !dry_run => {
            // A send time that was good once may have passed: a repeat is not told so.
            let creator = grant.creator().map_err(|_| violations.clone())?;
            let placed = app.stores()?.orders.get(key.order_id(&creator))?;
            let placed = placed.filter(|placed| placed.is_of(&request));
            let placed = placed.ok_or(violations)?;
            let lookup = look_up(
                &app,
                &placed.recipients,
                placed.ignores_reservation(),
                trace,
            )
            .await;
            return Ok(accepted(placed.id, lookup, links, Placed::Before));
        }
        (Err(violations), _) => return Err(violations.into()),
    };
    let creator = authentication::creator(grant, &config)?;
    let lookup = look_up(&app, order.recipients(), order.ignores_reservation(), trace).await;
    if dry_run {
        return Ok(body::ok(&PlacedView {
            order_id: None,
            recipient_lookup: lookup,
        }));
    }

    let fingerprint = key.as_ref().map(|_| Fingerprint::of(&request));
    let id = key.map_or_else(OrderId::random, |key| key.order_id(&creator));
    let order = order
        .register(id, creator, now, from.clone(), fingerprint)
        .with_trace(trace);
    let stores = app.stores()?;
    let placed = match order.fingerprint {
        None => place_new(stores, &order, now).await?,
        Some(fingerprint) => {
            place_once(stores, app.host(), &order, fingerprint, &request, now).await?
        }
    };

    if let Placed::Now(lease) = placed {
        log::info("order accepted")
            .trace(trace)
            .order(id)
            .creator(&order.creator)
            .write();
        if order.is_due(now) {
            app.deliver(order, lease, trace);
        }
    }
    Ok(accepted(id, lookup, links, placed))
}

/// 202, with where the order is.
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
    let mut response = body::json(StatusCode::ACCEPTED, &accepted);
    if let Ok(location) = HeaderValue::from_str(&links.order(id)) {
        response.headers_mut().insert(LOCATION, location);
    }
    if let Placed::Before = placed {
        let replayed = HeaderValue::from_static("true");
        response.headers_mut().insert(IDEMPOTENT_REPLAYED, replayed);
    }
    response
}

/// Whether recipients can be reached, as far as that is known now; None if nobody has to be looked
/// up. A look-up that fails is no reason not to take the order: nobody is known then.
async fn look_up<H: Host>(
    app: &App<H>,
    recipients: &[Recipient],
    ignores_reservation: bool,
    trace: TraceId,
) -> Option<RecipientLookup> {
    let identifiers: Vec<Identifier> = recipients.iter().filter_map(Identifier::of).collect();
    if identifiers.is_empty() {
        return None;
    }
    let contacts = app.host().look_up_contacts(identifiers.clone()).await;
    let contacts = contacts
        .inspect_err(|error| {
            log::error("contacts cannot be looked up")
                .trace(trace)
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

/// When an order was stored.
#[derive(Debug, Clone, Copy)]
enum Placed {
    /// Now, with the lease of the first attempt if this instance has it.
    Now(Option<InitialLease>),
    /// By an earlier request of the same key.
    Before,
}

/// Stores an order whose id is its own.
async fn place_new(
    stores: &Stores<impl KeyValue>,
    order: &Order,
    now: Timestamp,
) -> Result<Placed, ApiError> {
    let lease = InitialLease::of(order, now);
    match &lease {
        Some(lease) => stores.orders.insert_with(order, lease.state(), now).await?,
        None => stores.orders.insert(order, now).await?,
    }
    Ok(Placed::Now(lease))
}

/// Stores an order whose id is of its key, unless that has been done.
///
/// Requests for the same order write the same under the same id, however many at once. Between
/// requests for different ones a claim decides.
async fn place_once(
    stores: &Stores<impl KeyValue>,
    host: &impl Host,
    order: &Order,
    fingerprint: Fingerprint,
    request: &OrderRequest,
    now: Timestamp,
) -> Result<Placed, ApiError> {
    let placed_before = || match stores.orders.get(order.id)? {
        Some(placed) if placed.is_of(request) => Ok(Some(Placed::Before)),
        Some(_) => Err(ApiError::KeyReused),
        None => Ok(None),
    };
    if let Some(placed) = placed_before()? {
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
        Claimed::Lost => placed_before()?.ok_or(ApiError::KeyInUse),
        Claimed::Inconclusive(why) => Err(ApiError::inconclusive(&why)),
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
