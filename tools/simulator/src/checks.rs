//! The checks of a run: budgets during it, and what has to be true at its end.

use http::StatusCode;
use serde_json::Value;

use crate::{
    clients::{Call, json, sleep_until},
    plan::{HOUR, Provider, SECOND},
    store::Item,
    world::{self, Answer},
};

/// The most calls of the store in a run of the trigger, which has few orders here. On Redis each key is
/// one, also of those that a walk asks for in vain.
const CALLS_PER_RUN: u64 = 6_000;
const CALLS_PER_RUN_ON_REDIS: u64 = 60_000;

/// What may be in the store after all orders are deleted: one key each, whatever was stored.
const LASTING: [&str; 10] = [
    // An instance that died while it probed the store.
    "eo:probe:",
    "eo:writers",
    "eo:sequence:writer",
    "eo:retention",
    "eo:run",
    "eo:pause",
    "eo:fault",
    "eo:claims",
    "eo:jwks:",
    "eo:token:",
];

/// Checks that a request that met no fault needed few calls.
pub(crate) fn budget(what: &str, calls: u64, most: u64) {
    if calls > most {
        world::with(|world| world.violate(format!("{what} took {calls} calls of the store")));
    }
}

/// Checks the time and the calls of a run of the trigger that met no fault.
pub(crate) fn run(took: i64, calls: u64) {
    let provider = world::with(|world| world.plan.provider);
    let most = match provider {
        Provider::Redis => CALLS_PER_RUN_ON_REDIS,
        _ => CALLS_PER_RUN,
    };
    budget("a run", calls, most);
    if took > 20 * SECOND {
        let seconds = took / SECOND;
        world::with(|world| world.violate(format!("a run answered after {seconds} s")));
    }
}

/// Gets a document when no faults happen any more.
async fn get(creator: usize, path: String) -> (StatusCode, Value) {
    let call = Call::get(creator, path);
    match call.send(0, 30 * SECOND).await.0 {
        Answer::Response { status, body, .. } => (status, json(&body)),
        Answer::Lost => {
            world::with(|world| world.violate(format!("{} gets no answer", call.path)));
            (StatusCode::SERVICE_UNAVAILABLE, Value::Null)
        }
    }
}

/// Checks what has become of all orders: when those are settled that were due before the last fault,
/// when all are, and when they are deleted.
pub(crate) async fn audit() {
    let (settled, last, end) = world::with(|world| {
        let plan = &world.plan;
        (plan.settled(), plan.last_send_time() + 5 * HOUR, plan.end())
    });
    sleep_until(settled).await;
    audit_orders(|due, now| due < now - 3 * HOUR).await;
    sleep_until(last).await;
    audit_orders(|due, now| due >= now - 30 * HOUR && due < now - 4 * HOUR).await;
    sleep_until(end).await;
    audit_deletion().await;
}

async fn audit_orders(is_concerned: impl Fn(i64, i64) -> bool) {
    let numbers = world::with(|world| {
        let now = world.now();
        let orders = world.orders.iter();
        let concerned =
            orders.filter(|order| order.accepted.is_some() && is_concerned(order.due(), now));
        concerned.map(|order| order.number).collect::<Vec<_>>()
    });
    for number in numbers {
        audit_order(number).await;
    }
}

async fn audit_order(number: usize) {
    let (creator, reference, id) = world::with(|world| {
        let order = &world.orders[number];
        let id = order.accepted.as_ref().map(|one| one.id.clone());
        (
            order.creator,
            order.reference.clone(),
            id.unwrap_or_default(),
        )
    });
    let (code, document) = get(creator, format!("/order/{id}/status")).await;
    let (_, notifications) = get(creator, format!("/order/{id}/notifications/email")).await;
    let is_listed = match &reference {
        Some(reference) => is_listed(creator, reference, &id).await,
        None => true,
    };
    world::with(|world| {
        if code != StatusCode::OK {
            return world.violate(format!("order {number} ({id}) gets {code}"));
        }
        if !is_listed {
            world.violate(format!(
                "order {number} ({id}) is not found by its reference"
            ));
        }
        let status = document["processingStatus"]["status"].as_str();
        let status = status.unwrap_or_default();
        let order = &world.orders[number];
        if let Some(fault) = order.final_fault(status, &notifications, world) {
            world.violate(format!("order {number} ({id}): {fault}"));
        }
    });
}

/// Tells whether an order is found by its reference.
async fn is_listed(creator: usize, reference: &str, id: &str) -> bool {
    let mut path = format!("/order?sendersReference={reference}&limit=7");
    loop {
        let (_, page) = get(creator, path).await;
        let orders = page["orders"].as_array().cloned().unwrap_or_default();
        if orders.iter().any(|order| order["id"] == id) {
            return true;
        }
        match page["next"].as_str() {
            Some(next) => path = String::from(next),
            None => return false,
        }
    }
}

/// Tells whether the provider applies a batch in any order.
fn in_any_order(provider: Provider) -> bool {
    matches!(provider, Provider::DynamoDb | Provider::Akamai)
}

/// Tells whether a key may be left by a batch that was applied in part, as docs/architecture.md says.
fn is_excused(key: &str, provider: Provider) -> bool {
    let is_reference = key.starts_with("eo:ref:") || key.starts_with("eo:note:");
    let is_entry = ["eo:due:", "eo:journal:", "eo:provider:"];
    // Retention deletes the first two generations of a claim.
    let generation = key.trim_end_matches(":blocked").rsplit(':').next();
    let is_late = generation.and_then(|text| text.parse().ok()) >= Some(2_u32);
    let is_claim = key.starts_with("eo:claim:") || key.starts_with("eo:register:");
    (in_any_order(provider) && is_entry.iter().any(|entry| key.starts_with(entry)))
        || (!provider.is_transactional() && is_reference)
        || (is_claim && is_late)
}

async fn audit_deletion() {
    let all = world::with(|world| {
        let accepted = world.orders.iter().filter_map(|order| {
            let id = order.accepted.as_ref()?.id.clone();
            Some((order.number, order.creator, id))
        });
        accepted.collect::<Vec<_>>()
    });
    for (number, creator, id) in all {
        let (code, _) = get(creator, format!("/order/{id}")).await;
        if code != StatusCode::NOT_FOUND {
            world::with(|world| {
                world.violate(format!(
                    "order {number} ({id}) gets {code} after its deletion"
                ));
            });
        }
    }
    world::with(|world| {
        let now = world.now();
        world.store.items.advance(now);
        // The month is not over.
        let month = format!("eo:due:{}", &world::text(now)[..7]);
        let provider = world.plan.provider;
        let accepted: Vec<String> = world
            .orders
            .iter()
            .filter_map(|order| Some(order.accepted.as_ref()?.id.replace('-', "")))
            .collect();
        // Pages of references that lead to no order that was accepted, and what leads to them. Two
        // requests under one key may both have stored an order, each under a name of its own.
        let keyed = world.orders.iter().filter(|order| order.key.is_some());
        let keyed: Vec<String> = keyed
            .filter_map(|order| Some(order.accepted.as_ref()?.id.replace('-', "")))
            .collect();
        let mut vain: Vec<&str> = Vec::new();
        for key in world.store.items.keys() {
            if key.starts_with("eo:ref:")
                && let (Some(Item::Value(page)), _) = world.store.items.newest(key)
                && page.len() > 1
            {
                let ids = page.as_chunks::<16>().0.iter();
                let mut ids = ids.map(|id| format!("{:032x}", u128::from_be_bytes(*id)));
                if !ids.any(|id| accepted.contains(&id) && !keyed.contains(&id)) {
                    vain.push(key);
                }
            }
        }
        let is_left = |key: &&str| {
            let is_lasting = LASTING.iter().any(|lasting| key.starts_with(lasting));
            let is_vain = vain.iter().any(|page| page.starts_with(*key));
            // An order that was refused may be stored all the same, without an entry in the journal.
            let ids = key.split(':').filter(|part| part.len() == 36);
            let mut ids = ids.map(|id| id.replace('-', ""));
            let is_refused = ids.any(|id| !accepted.contains(&id));
            // A request claimed the id, and its order was never stored.
            let is_claim_in_vain =
                key.starts_with("eo:claim:place:") || key.starts_with("eo:register:claim:place:");
            let is_claim_in_vain =
                is_claim_in_vain && !accepted.iter().any(|id| key.replace('-', "").contains(id));
            let may_stay = is_lasting
                || **key == month
                || is_excused(key, provider)
                || is_claim_in_vain
                || (is_vain && key.starts_with("eo:ref:"))
                || (is_refused && in_any_order(provider));
            !may_stay
        };
        let left: Vec<String> = world
            .store
            .items
            .keys()
            .filter(is_left)
            .map(str::to_owned)
            .collect();
        world.is_complete = true;
        if !left.is_empty() {
            let count = left.len();
            let first: Vec<_> = left.into_iter().take(20).collect();
            world.violate(format!("{count} keys are left: {}", first.join(" ")));
        }
    });
}
