//! Finding again what an index has lost.
//!
//! Only a listing of all keys knows every order. It is read rarely and in [`SHARDS`] parts, by the
//! first digit of the orders' ids; how far that has come is a register.

use super::{
    Key, KeyValue, Lane, Orders, StoreError, due,
    orders::{from_json, order_key, state_key},
    read,
    reference::{self, Reference},
};
use crate::{
    order::{Hold, Order, OrderId, OrderState},
    timestamp::Timestamp,
};

/// In how many parts all orders are swept: one for each first digit of an id.
pub const SHARDS: u8 = 16;

/// How long an order is due without being processed before it counts as lost.
const LOST_SECONDS: i64 = 10 * 60;

/// How far the sweep is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SweepProgress {
    /// When it went on last.
    pub at: Timestamp,
    /// Which part is next.
    pub shard: u8,
    /// The last order of that part that was looked at.
    pub after: Option<OrderId>,
}

impl SweepProgress {
    /// What the keys of this part's orders begin with.
    #[must_use]
    pub fn prefix(&self) -> String {
        Key::of(format_args!("order:{:x}", self.shard % SHARDS)).into_string()
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(' ');
        Some(Self {
            at: Timestamp::from_unix_seconds(parts.next()?.parse().ok()?)?,
            shard: parts.next()?.parse().ok()?,
            after: parts.next().and_then(OrderId::parse),
        })
    }
}

impl std::fmt::Display for SweepProgress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.at.unix_seconds(), self.shard)?;
        match self.after {
            Some(id) => write!(f, " {id}"),
            None => Ok(()),
        }
    }
}

/// The id of the order that is stored under a key.
#[must_use]
pub fn order_of_key(key: &str) -> Option<OrderId> {
    OrderId::parse(key.rsplit(':').next()?)
}

impl<K: KeyValue> Orders<K> {
    /// How far the sweep is, if there ever was one.
    pub fn sweep_progress(&self) -> Result<Option<SweepProgress>, StoreError> {
        let value = self.store.get(&sweep_key())?;
        Ok(value.and_then(|text| SweepProgress::parse(std::str::from_utf8(&text).ok()?)))
    }

    /// Notes how far the sweep is.
    pub fn set_sweep_progress(&self, progress: SweepProgress) -> Result<(), StoreError> {
        let text = progress.to_string().into_bytes();
        self.store.set_many(vec![(sweep_key(), text)])
    }

    /// Puts those of these orders back into the indexes that are not in them; how many.
    pub fn repair(&self, ids: &[OrderId], now: Timestamp) -> Result<usize, StoreError> {
        let keys = |key: fn(OrderId) -> Key| ids.iter().copied().map(key).collect::<Vec<_>>();
        let orders = read::all(&self.store, &keys(order_key))?;
        let states = read::all(&self.store, &keys(state_key))?;
        // One that knows of nothing written, so that all that leads there is written again.
        let mut lane = Lane::default();
        let mut repaired = 0;
        for &id in ids {
            let Some(json) = orders.get(order_key(id).as_str()) else {
                continue;
            };
            let order: Order = from_json(id, json)?;
            let state = match states.get(state_key(id).as_str()) {
                Some(json) => from_json(id, json)?,
                None => OrderState::registered(&order),
            };
            let mut entries = self.missing_reference(&order, &mut lane)?;
            if is_lost(&order, &state, now) {
                entries.extend(due::file(id, now, now, &mut lane));
            }
            if entries.is_empty() {
                continue;
            }
            self.commit(&mut lane, entries)?;
            repaired += 1;
        }
        Ok(repaired)
    }

    fn missing_reference(
        &self,
        order: &Order,
        lane: &mut Lane,
    ) -> Result<Vec<(Key, Vec<u8>)>, StoreError> {
        let Some(reference) = Reference::of_order(order) else {
            return Ok(Vec::new());
        };
        if reference::find(&self.store, &reference)?.contains(&order.id) {
            return Ok(Vec::new());
        }
        Ok(reference.file(order.id, lane))
    }
}

/// Whether an order should have been processed long ago.
fn is_lost(order: &Order, state: &OrderState, now: Timestamp) -> bool {
    let due = match state.progress.hold {
        Hold::Lease(until) | Hold::Pause(until) => until,
        Hold::None => order.requested_send_time.max(order.created),
    };
    !state.status.is_final() && due.plus_seconds(LOST_SECONDS) < now
}

fn sweep_key() -> Key {
    Key::of(format_args!("sweep"))
}
