//! Down the tree of lanes: the orders of one minute, and which of them want something done.

use std::collections::HashMap;

use super::{Period, SETTLED, SKEW_SECONDS, clear::clear, settled_until};
use crate::{
    order::{Hold, OrderId, OrderState},
    store::{
        Key, KeyValue, Pace, Stopped, lane, orders, read,
        stored::{self, StoredState},
        write,
    },
    timestamp::Timestamp,
};

/// How many slots are read at once: with a lane's register, as many keys as every provider reads.
const CHUNK: u32 = 63;

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

/// Adds the orders of a minute that an attempt may begin at, until there are about `room` of all.
/// What was found before the time is over counts.
///
/// A minute whose orders are all settled is marked so, and in the end deleted.
pub(in crate::store) async fn look_into(
    store: &impl KeyValue,
    minute: &Period,
    now: Timestamp,
    room: usize,
    pace: &Pace<'_>,
    ready: &mut Vec<OrderId>,
) -> Result<(), Stopped> {
    let over = minute.is_before(&Period::minute(now.plus_seconds(-SKEW_SECONDS)));
    let minute_key = minute.key();
    let mut walk = lane::Walk::to_lanes_under(&minute_key);
    let mut lanes = Vec::new();
    let mut settled = true;
    loop {
        if pace.is_enough(ready.len(), room) {
            settled = false;
            break;
        }
        let Some(bucket) = walk.next(store, pace).await? else {
            break;
        };
        let mut slots = Slots {
            store,
            pace,
            minute,
            now,
            over,
            ready: &mut *ready,
            settled_until: 0,
            all_settled: true,
        };
        let end = slots.read(&bucket, room).await?;
        settled &= slots.all_settled;
        lanes.push(LaneSlots { bucket, end });
    }
    if settled && over {
        clear(store, minute, &lanes, pace).await?;
    } else if settled && minute.is_before(&Period::minute(now.plus_seconds(-QUIET_SECONDS))) {
        write::set(store, vec![(minute.key(), SETTLED.to_vec())])?;
    }
    Ok(())
}

fn number(text: Option<&Vec<u8>>) -> u32 {
    let text = text.and_then(|text| std::str::from_utf8(text).ok());
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// What is found in the slots of a lane.
struct Slots<'a, S> {
    store: &'a S,
    pace: &'a Pace<'a>,
    minute: &'a Period,
    now: Timestamp,
    /// Whether nobody files anything in the minute any more.
    over: bool,
    ready: &'a mut Vec<OrderId>,
    /// All before this one are settled.
    settled_until: u32,
    /// Whether all that were read are.
    all_settled: bool,
}

impl<S: KeyValue> Slots<'_, S> {
    /// Reads on from the first slot that is not known to be settled, and gives the end of what was
    /// read. A lane fills its slots one after the other, so that the first empty one is its end.
    async fn read(&mut self, bucket: &Key, room: usize) -> Result<u32, Stopped> {
        let register = settled_until(bucket);
        let mut keys = slots(bucket, 0);
        // What is settled is seldom much: the first slots are read with the register.
        keys.push(register.clone());
        let mut values = read::all_at(self.pace, self.store, &keys).await?;
        let start = number(values.get(register.as_str()));
        if start > 0 {
            values = read::all_at(self.pace, self.store, &slots(bucket, start)).await?;
        }
        self.settled_until = start;
        let mut next = start;
        loop {
            let ids: Vec<OrderId> = slots(bucket, next)
                .iter()
                .map_while(|key| {
                    let id: &[u8] = values.get(key.as_str())?;
                    id.try_into().ok().map(OrderId::from_bytes)
                })
                .collect();
            self.sort(&ids).await?;
            next += u32::try_from(ids.len()).unwrap_or(CHUNK);
            if ids.len() < CHUNK as usize {
                break;
            }
            if self.pace.is_enough(self.ready.len(), room) {
                self.all_settled = false;
                break;
            }
            values = read::all_at(self.pace, self.store, &slots(bucket, next)).await?;
        }
        if self.settled_until >= start + CHUNK {
            let settled = self.settled_until.to_string().into_bytes();
            write::set(self.store, vec![(register, settled)])?;
        }
        Ok(next)
    }

    /// Notes how far these orders are, which follow each other.
    async fn sort(&mut self, ids: &[OrderId]) -> Result<(), Stopped> {
        let keys: Vec<Key> = ids.iter().copied().map(orders::state_key).collect();
        let states = read::all_at(self.pace, self.store, &keys).await?;
        for &id in ids {
            match self.standing(id, &states).await? {
                Standing::Settled if self.all_settled => self.settled_until += 1,
                Standing::Settled => {}
                Standing::Held => self.all_settled = false,
                Standing::Ready => {
                    self.all_settled = false;
                    self.ready.push(id);
                }
            }
        }
        Ok(())
    }

    async fn standing(
        &self,
        id: OrderId,
        states: &HashMap<String, Vec<u8>>,
    ) -> Result<Standing, Stopped> {
        let key = orders::state_key(id);
        let standing = match states.get(key.as_str()) {
            Some(json) => match stored::read::<StoredState>(&key, json) {
                Ok(state) => standing(&state.into(), self.minute, self.now),
                // The attempt at this order reports the error; the other orders go on.
                Err(_) => Standing::Ready,
            },
            None => Standing::Ready,
        };
        if standing != Standing::Ready || !self.over {
            return Ok(standing);
        }
        // What a write that was cut has left leads to no order, once nobody can be writing it.
        self.pace.step().await?;
        let order = self.store.get(&orders::order_key(id))?;
        Ok(order.map_or(Standing::Settled, |_| standing))
    }
}

/// The keys of so many slots of a lane as are read at once.
fn slots(bucket: &Key, from: u32) -> Vec<Key> {
    (from..from + CHUNK)
        .map(|slot| bucket.child(slot))
        .collect()
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
