//! Scans the slots of one minute for orders that an attempt may begin at.

use std::collections::HashMap;

use super::{Period, SETTLED, SKEW_SECONDS, clear::clear, settled_until};
use crate::{
    log,
    order::{BlockedUntil, OrderId, OrderState},
    store::{Key, KeyValue, Pace, Stopped, order_store, read, stored, write, writer_tree},
    timestamp::Timestamp,
};

/// The number of slots that are read at once: with the `done` key, as many keys as every provider
/// reads.
const CHUNK: u32 = 63;

/// How long a minute must be over before it is marked as settled.
const QUIET_SECONDS: i64 = 60;

/// The slots of a writer in a minute.
pub(super) struct WriterSlots {
    pub(super) bucket: Key,
    /// The number of slots, deleted ones included.
    pub(super) end: u32,
}

/// The state of an order in a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SlotState {
    /// Nothing is left to do for the order under this minute.
    Settled,
    /// An attempt is under way, or the order waits for its next one.
    Blocked(BlockedUntil),
    /// An attempt may begin when the order is due.
    Ready,
}

/// Adds the orders of a minute that an attempt may begin at, until `ready` holds about `room` of
/// them. If the time is over, the orders found so far are in `ready`.
///
/// Marks a minute as settled whose orders all are, and later deletes it.
pub(super) async fn scan(
    store: &impl KeyValue,
    minute: &Period,
    now: Timestamp,
    room: usize,
    pace: &Pace<'_>,
    ready: &mut Vec<OrderId>,
) -> Result<(), Stopped> {
    let over = minute.is_before(&Period::minute(now.plus_seconds(-SKEW_SECONDS)));
    let minute_key = minute.key();
    let mut walk = writer_tree::Walk::to_writers_under(&minute_key);
    let mut writers = Vec::new();
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
        writers.push(WriterSlots { bucket, end });
    }
    if settled && over {
        clear(store, minute, &writers, pace).await?;
    } else if settled && minute.is_before(&Period::minute(now.plus_seconds(-QUIET_SECONDS))) {
        write::set(store, vec![(minute.key(), SETTLED.to_vec())])?;
    }
    Ok(())
}

fn number(text: Option<&Vec<u8>>) -> u32 {
    let text = text.and_then(|text| std::str::from_utf8(text).ok());
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// A scan of the slots of a writer.
struct Slots<'a, S> {
    store: &'a S,
    pace: &'a Pace<'a>,
    minute: &'a Period,
    now: Timestamp,
    /// Whether no writer files orders under the minute any more.
    over: bool,
    ready: &'a mut Vec<OrderId>,
    /// The slot before which all orders are settled.
    settled_until: u32,
    /// Whether all orders that were read are settled.
    all_settled: bool,
}

impl<S: KeyValue> Slots<'_, S> {
    /// Reads from the first slot that is not known to be settled. Returns the end of what was read. A
    /// writer fills its slots in sequence, so the first empty slot is the end.
    async fn read(&mut self, bucket: &Key, room: usize) -> Result<u32, Stopped> {
        let register = settled_until(bucket);
        let mut keys = slots(bucket, 0);
        // Seldom many slots are settled, so the first ones are read with the register.
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
            self.add(&ids).await?;
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

    /// Adds the orders of the next slots.
    async fn add(&mut self, ids: &[OrderId]) -> Result<(), Stopped> {
        let keys: Vec<Key> = ids.iter().copied().map(order_store::state_key).collect();
        let states = read::all_at(self.pace, self.store, &keys).await?;
        for &id in ids {
            match self.slot_state(id, &states).await? {
                SlotState::Settled if self.all_settled => self.settled_until += 1,
                SlotState::Settled => {}
                SlotState::Blocked(until) => {
                    log::debug("order skipped").order(id).reason(&until).write();
                    self.all_settled = false;
                }
                SlotState::Ready => {
                    self.all_settled = false;
                    self.ready.push(id);
                }
            }
        }
        Ok(())
    }

    async fn slot_state(
        &self,
        id: OrderId,
        states: &HashMap<String, Vec<u8>>,
    ) -> Result<SlotState, Stopped> {
        let key = order_store::state_key(id);
        let slot_state = match states.get(key.as_str()) {
            Some(json) => match stored::state(&key, json) {
                Ok(state) => slot_state(&state, self.minute, self.now),
                // The attempt at this order reports the error; the other orders go on.
                Err(_) => SlotState::Ready,
            },
            None => SlotState::Ready,
        };
        if slot_state != SlotState::Ready || !self.over {
            return Ok(slot_state);
        }
        // A write that was cut off can leave a slot without an order.
        self.pace.step().await?;
        let order = self.store.get(&order_store::order_key(id))?;
        Ok(order.map_or(SlotState::Settled, |_| slot_state))
    }
}

/// Returns the keys of the next slots of a writer: as many as are read at once.
fn slots(bucket: &Key, from: u32) -> Vec<Key> {
    (from..from + CHUNK)
        .map(|slot| bucket.child(slot))
        .collect()
}

fn slot_state(state: &OrderState, minute: &Period, now: Timestamp) -> SlotState {
    if state.status.is_final() {
        return SlotState::Settled;
    }
    match state.progress.blocked_until {
        // It is filed again, under that time.
        BlockedUntil::Pause(until) if *minute < Period::minute(until) => SlotState::Settled,
        until if until.is_after(now) => SlotState::Blocked(until),
        _ => SlotState::Ready,
    }
}
