//! Down the tree of lanes: the orders of one minute, and which of them want something done.

use std::collections::HashMap;

use super::{Period, SETTLED, SKEW_SECONDS, clear::clear, settled_until};
use crate::{
    order::{Hold, OrderId, OrderState},
    store::{Key, KeyValue, StoreError, lane, orders, read, write},
    timestamp::Timestamp,
};

/// How many slots are read at once.
const CHUNK: u32 = 64;

/// How long a minute has to be over before it is taken for settled.
const QUIET_SECONDS: i64 = 60;

/// A lane that has orders in a minute.
pub(super) struct LaneSlots {
    pub(super) bucket: Key,
    /// How many slots it has, or had.
    pub(super) end: u32,
}

/// How far an order in a slot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Nothing more is to be done here.
    Settled,
    /// Somebody is at it.
    Held,
    /// An attempt can begin, once it is due.
    Ready,
}

/// The orders of a minute that an attempt may begin at, about `room` of them.
///
/// A minute whose orders are all settled is marked so, and in the end deleted.
pub(in crate::store) fn look_into(
    store: &impl KeyValue,
    minute: &Period,
    now: Timestamp,
    room: usize,
) -> Result<Vec<OrderId>, StoreError> {
    let over = minute.is_before(&Period::minute(now.plus_seconds(-SKEW_SECONDS)));
    let buckets = lane::written(store, &minute.key())?;
    let registers: Vec<Key> = buckets.iter().map(settled_until).collect();
    let registers = read::all(store, &registers)?;
    let mut lanes = Vec::with_capacity(buckets.len());
    let mut moved = Vec::new();
    let mut ready = Vec::new();
    let mut settled = true;
    for bucket in buckets {
        if ready.len() >= room {
            settled = false;
            break;
        }
        let register = settled_until(&bucket);
        let start = number(&registers, &register);
        let mut slots = Slots {
            ready: &mut ready,
            settled_until: start,
            all_settled: true,
        };
        let end = slots.read(store, &bucket, minute, now, over, room)?;
        settled &= slots.all_settled;
        if slots.settled_until >= start + CHUNK {
            moved.push((register, slots.settled_until.to_string().into_bytes()));
        }
        lanes.push(LaneSlots { bucket, end });
    }
    write::set(store, moved)?;
    if settled && over {
        clear(store, minute, &lanes)?;
    } else if settled && minute.is_before(&Period::minute(now.plus_seconds(-QUIET_SECONDS))) {
        write::set(store, vec![(minute.key(), SETTLED.to_vec())])?;
    }
    Ok(ready)
}

fn number(registers: &HashMap<String, Vec<u8>>, key: &Key) -> u32 {
    let text = registers.get(key.as_str());
    let text = text.and_then(|text| std::str::from_utf8(text).ok());
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// What is found in the slots of a lane.
struct Slots<'a> {
    ready: &'a mut Vec<OrderId>,
    /// All before this one are settled.
    settled_until: u32,
    /// Whether all that were read are.
    all_settled: bool,
}

impl Slots<'_> {
    /// Reads on from the first slot that is not known to be settled, and gives the end of what was
    /// read. A lane fills its slots one after the other, so that the first empty one is its end.
    fn read(
        &mut self,
        store: &impl KeyValue,
        bucket: &Key,
        minute: &Period,
        now: Timestamp,
        over: bool,
        room: usize,
    ) -> Result<u32, StoreError> {
        let mut next = self.settled_until;
        loop {
            let keys: Vec<Key> = (next..next + CHUNK)
                .map(|slot| bucket.child(slot))
                .collect();
            let values = read::all(store, &keys)?;
            let ids: Vec<OrderId> = keys
                .iter()
                .map_while(|key| {
                    let id: &[u8] = values.get(key.as_str())?;
                    id.try_into().ok().map(OrderId::from_bytes)
                })
                .collect();
            for (id, standing) in standings(store, &ids, minute, now, over)? {
                match standing {
                    Standing::Settled if self.all_settled => self.settled_until += 1,
                    Standing::Settled => {}
                    Standing::Held => self.all_settled = false,
                    Standing::Ready => {
                        self.all_settled = false;
                        self.ready.push(id);
                    }
                }
            }
            next += u32::try_from(ids.len()).unwrap_or(CHUNK);
            if ids.len() < CHUNK as usize {
                return Ok(next);
            }
            if self.ready.len() >= room {
                self.all_settled = false;
                return Ok(next);
            }
        }
    }
}

fn standings(
    store: &impl KeyValue,
    ids: &[OrderId],
    minute: &Period,
    now: Timestamp,
    over: bool,
) -> Result<Vec<(OrderId, Standing)>, StoreError> {
    let keys: Vec<Key> = ids.iter().copied().map(orders::state_key).collect();
    let states = read::all(store, &keys)?;
    let standing = |id: OrderId| {
        let standing = match states.get(orders::state_key(id).as_str()) {
            Some(json) => standing(&orders::from_json(id, json)?, minute, now),
            None => Standing::Ready,
        };
        // What a write that was cut has left leads to no order, once nobody can be writing it.
        let is_ready = standing == Standing::Ready;
        let dangling = is_ready && over && store.get(&orders::order_key(id))?.is_none();
        Ok(if dangling {
            Standing::Settled
        } else {
            standing
        })
    };
    ids.iter().map(|&id| Ok((id, standing(id)?))).collect()
}

fn standing(state: &OrderState, minute: &Period, now: Timestamp) -> Standing {
    if state.status.is_final() {
        return Standing::Settled;
    }
    match state.progress.hold {
        // It is filed again, under that time.
        Hold::Pause(until) if *minute < Period::minute(until) => Standing::Settled,
        hold if hold.holds(now) => Standing::Held,
        _ => Standing::Ready,
    }
}
