//! Scans minutes for orders that an attempt may begin at.

use std::collections::HashMap;

use uuid::Uuid;

use super::{
    DueMinute, LANES, Period, SETTLED, SKEW_SECONDS,
    lane::{Item, Lane},
    lane_key,
};
use crate::{
    log,
    order::{BlockedUntil, DUE_AHEAD_SECONDS, OrderId, OrderState},
    store::{
        Key, KeyValue, Pace, Stopped, StoreError, batch_writer::BatchWriter, order_store, read,
        stored, write, writer_tree::Walk,
    },
    timestamp::Timestamp,
};

/// The fewest and the most orders whose states are read at once.
const AT_ONCE: (usize, usize) = (16, 100);

/// How many orders a turn looks at for each that it adds at most: a lane whose orders are not due, or
/// are under way, must not take the time of the others.
const LOOKS_PER_TURN: usize = 8;

/// How long a minute must be over before it is marked as settled.
const QUIET_SECONDS: i64 = 60;

/// A minute of a scan.
struct Minute<'a> {
    period: &'a Period,
    /// Whether no writer files orders under the minute any more.
    is_over: bool,
    /// The number of lanes that were not read to their end.
    open: usize,
    /// Whether it has an order that is not settled.
    is_kept: bool,
}

/// The state of an order in a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SlotState {
    /// Nothing is left to do for the order under this minute.
    Settled,
    /// An attempt is under way, or the order waits for its next one.
    Blocked(BlockedUntil),
    /// An attempt may begin when the order is due.
    Ready,
}

/// Adds the orders of these minutes that an attempt may begin at, until `ready` holds about `room` of
/// them. If the time is over, the orders found so far are in `ready`.
///
/// Marks a minute as settled whose orders all are, and later deletes it.
pub(super) async fn scan<K: KeyValue>(
    batches: &BatchWriter<K>,
    minutes: &[DueMinute],
    now: Timestamp,
    room: usize,
    pace: &Pace<'_>,
    ready: &mut Vec<OrderId>,
) -> Result<(), Stopped> {
    let over = Period::minute(now.plus_seconds(-SKEW_SECONDS));
    let minutes = minutes.iter().map(|DueMinute(period)| Minute {
        period,
        is_over: period.is_before(&over),
        open: 0,
        is_kept: false,
    });
    let mut scan = Scan {
        batches,
        store: &batches.store,
        pace,
        now,
        minutes: minutes.collect(),
        ready,
    };
    let mut creators = scan.lanes().await?;
    let random = usize::from(Uuid::new_v4().into_bytes()[0]);
    let mut newest = true;
    while !creators.is_empty() {
        // Half of the room is for the newest minutes, and half for the oldest.
        let turn = (room / creators.len() / 2).max(AT_ONCE.0);
        for number in 0..creators.len() {
            // Begins with random creators.
            let number = (number + random) % creators.len();
            let lanes = &mut creators[number];
            if pace.is_enough(scan.ready.len(), room) {
                return Ok(());
            }
            let lane = if newest { lanes.len() - 1 } else { 0 };
            if scan.take_turn(&mut lanes[lane], turn).await? {
                let lane = lanes.remove(lane);
                scan.end(&lane)?;
            }
        }
        creators.retain(|lanes| !lanes.is_empty());
        newest = !newest;
    }
    Ok(())
}

struct Scan<'a, K> {
    batches: &'a BatchWriter<K>,
    store: &'a K,
    pace: &'a Pace<'a>,
    now: Timestamp,
    minutes: Vec<Minute<'a>>,
    ready: &'a mut Vec<OrderId>,
}

impl<K: KeyValue> Scan<'_, K> {
    /// Returns the lanes of all minutes, those of the same creators together and the oldest first.
    async fn lanes(&mut self) -> Result<Vec<Vec<Lane>>, Stopped> {
        let mut creators: Vec<Vec<Lane>> = Vec::new();
        creators.resize_with(LANES + 1, Vec::new);
        for number in 0..self.minutes.len() {
            let minute = &mut self.minutes[number];
            let key = minute.period.key();
            let mut keys: Vec<Key> = (0..LANES).map(|lane| lane_key(&key, lane)).collect();
            keys.extend(Walk::first_slots(&key));
            self.pace.step().await?;
            let markers = read::all(self.store, &keys)?;
            let is_marked = |key: &Key| markers.contains_key(key.as_str());
            let mut slots = keys.split_off(LANES);
            for (lane, root) in keys.into_iter().enumerate() {
                if is_marked(&root) {
                    creators[lane].push(Lane::new(number, root));
                    minute.open += 1;
                }
            }
            slots.retain(is_marked);
            if !slots.is_empty() {
                creators[LANES].push(Lane::of_slots(number, minute.period));
                minute.open += 1;
            }
            if minute.open == 0 {
                self.leave(number)?;
            }
        }
        if !creators[LANES].is_empty() {
            // Its orders are added to the journal.
            self.batches.ensure_writer().await;
        }
        creators.retain(|lanes| !lanes.is_empty());
        Ok(creators)
    }

    /// Adds about so many orders of a lane, and looks at a few times as many at most. Returns whether
    /// the lane has no others.
    async fn take_turn(&mut self, lane: &mut Lane, turn: usize) -> Result<bool, Stopped> {
        let end = self.ready.len() + turn;
        let mut looks_left = LOOKS_PER_TURN.saturating_mul(turn);
        let Minute {
            period, is_over, ..
        } = self.minutes[lane.minute];
        while self.ready.len() < end
            && looks_left > 0
            && !self.pace.is_enough(self.ready.len(), usize::MAX)
        {
            let most = (end - self.ready.len()).clamp(AT_ONCE.0, AT_ONCE.1);
            self.pace.step().await?;
            match lane.next(most, is_over, self.now, self.batches)? {
                Some(items) => {
                    looks_left = looks_left.saturating_sub(items.len() + 1);
                    self.add(lane, items, period, is_over)?;
                }
                None => return Ok(true),
            }
        }
        Ok(false)
    }

    /// Adds those of these orders that an attempt may begin at.
    fn add(
        &mut self,
        lane: &mut Lane,
        mut items: Vec<Item>,
        minute: &Period,
        is_over: bool,
    ) -> Result<(), StoreError> {
        if let Some(begin) = minute.begin() {
            let soon = self.now.plus_seconds(DUE_AHEAD_SECONDS);
            items.retain(|item| {
                let is_due_soon = begin.plus_seconds(item.second.into()) <= soon;
                if !is_due_soon {
                    lane.keep(*item);
                }
                is_due_soon
            });
        }
        let keys: Vec<Key> = items
            .iter()
            .map(|item| order_store::state_key(item.id))
            .collect();
        let states = read::all(self.store, &keys)?;
        let mut orders = HashMap::new();
        if is_over {
            // A write that was cut off can leave an item without an order.
            let stateless = items.iter().zip(&keys);
            let stateless = stateless.filter(|(_, key)| !states.contains_key(key.as_str()));
            let stateless: Vec<Key> = stateless
                .map(|(item, _)| order_store::order_key(item.id))
                .collect();
            orders = read::all(self.store, &stateless)?;
        }
        for (item, key) in items.into_iter().zip(&keys) {
            let state = match states.get(key.as_str()) {
                Some(json) => match stored::state(key, json) {
                    Ok(state) => slot_state(&state, minute, self.now),
                    // The attempt at this order reports the error; the other orders go on.
                    Err(_) => SlotState::Ready,
                },
                None if is_over
                    && !orders.contains_key(order_store::order_key(item.id).as_str()) =>
                {
                    SlotState::Settled
                }
                None => SlotState::Ready,
            };
            match state {
                SlotState::Settled => continue,
                SlotState::Blocked(until) => {
                    log::debug("order skipped")
                        .order(item.id)
                        .reason(&until)
                        .write();
                }
                // An order may be filed twice.
                SlotState::Ready if self.ready.contains(&item.id) => {}
                SlotState::Ready => self.ready.push(item.id),
            }
            lane.keep(item);
        }
        Ok(())
    }

    /// Takes note that a lane was read to its end.
    fn end(&mut self, lane: &Lane) -> Result<(), StoreError> {
        let minute = &mut self.minutes[lane.minute];
        minute.open -= 1;
        minute.is_kept |= !lane.has_kept_nothing();
        if minute.open == 0 && !minute.is_kept {
            self.leave(lane.minute)?;
        }
        Ok(())
    }

    /// Marks a minute as settled, or deletes it.
    fn leave(&self, minute: usize) -> Result<(), StoreError> {
        let Minute {
            period, is_over, ..
        } = self.minutes[minute];
        let quiet = Period::minute(self.now.plus_seconds(-QUIET_SECONDS));
        if is_over {
            write::delete(self.store, &[period.key()])?;
        } else if period.is_before(&quiet) {
            write::set(self.store, vec![(period.key(), SETTLED.to_vec())])?;
        }
        Ok(())
    }
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
