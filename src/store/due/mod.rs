//! The index of orders by the minute in which they are due.
//!
//! It is a tree: months, days, hours, minutes, then lanes, then writers, then pages of ids. [`minutes`]
//! walks down to the minutes that are due, so it costs by what is due and not by what is stored.
//!
//! A lane holds the orders of some creators, so that a run can take turns between creators without
//! reading all orders of a minute.
//!
//! An order is filed under a minute that is not over, so a minute that has passed gets no new
//! order. Its keys are deleted when that is certain, whatever the clocks of the writers say: see
//! [`SKEW_SECONDS`].

mod lane;
mod minutes;
mod overdue;
mod period;
mod scan;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::{
    Key, KeyValue, Pace, Stopped,
    batch_writer::BatchWriter,
    writer::{DIGITS, Entry, Writer},
};
use crate::{
    order::{Creator, OrderId},
    timestamp::Timestamp,
};

use period::Period;

/// How long after the end of a minute its keys may be deleted. The clocks of two hosts may differ by
/// 30 seconds; the rest is for writes that hang.
const SKEW_SECONDS: i64 = 10 * 60;

/// The value of a minute's marker after all its orders were settled. A writer that files another
/// order there writes [`MARKER`](super::MARKER) again.
const SETTLED: &[u8] = b"0";

/// The number of lanes of a minute: with the 64 first digits of the first version's writers as many
/// keys as a batch read takes.
const LANES: usize = 32;

/// The index of orders by the minute in which they are due.
#[derive(Debug)]
pub struct DueIndex<K>(pub(super) Arc<BatchWriter<K>>);

/// A minute in which an order may be due.
#[derive(Debug)]
pub struct DueMinute(Period);

impl<K: KeyValue> DueIndex<K> {
    /// Returns minutes in which an order may be due, the oldest first, and whether there may be others.
    /// If there are many, it returns the oldest, the newest, and some at random.
    pub async fn minutes(
        &self,
        now: Timestamp,
        pace: &Pace<'_>,
    ) -> Result<(Vec<DueMinute>, bool), Stopped> {
        let (minutes, more) = minutes::minutes(&self.0.store, now, pace).await?;
        Ok((minutes.into_iter().map(DueMinute).collect(), more))
    }

    /// Adds the orders of these minutes that an attempt may begin at, if they are due, until `ready`
    /// holds about `room` of them. If the time is over, the orders found so far are in `ready`.
    ///
    /// It takes turns between creators, and between the newest minutes and the oldest.
    pub async fn scan(
        &self,
        minutes: &[DueMinute],
        now: Timestamp,
        room: usize,
        pace: &Pace<'_>,
        ready: &mut Vec<OrderId>,
    ) -> Result<(), Stopped> {
        scan::scan(&self.0, minutes, now, room, pace, ready).await
    }
}

/// The length of an item: the id of an order, the hash of its creator, and the second of the minute in
/// which it is due.
const ITEM: usize = 21;

/// Files an order of a creator under the minute of `due`, or under the present one if that is later.
/// Adds the entries to write.
pub(super) fn file(
    id: OrderId,
    creator: CreatorHash,
    due: Timestamp,
    now: Timestamp,
    writer: &mut Writer,
    entries: &mut Vec<Entry>,
) {
    let minute = Period::minute(due.max(now));
    let lane = lane_key(&minute.key(), creator.lane());
    let mut item = [0; ITEM];
    item[..16].copy_from_slice(id.as_bytes());
    item[16..20].copy_from_slice(&creator.0.to_le_bytes());
    if due > now {
        item[20] = due.second();
    }
    let above = || {
        let mut markers: Vec<Key> = minute.ancestors().iter().map(Period::key).collect();
        markers.push(lane.clone());
        markers
    };
    writer.append(&lane, &item, &above, entries);
}

/// A short hash of a creator, by which a run takes turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CreatorHash(u32);

impl CreatorHash {
    /// Returns the hash of a creator (FNV-1a). Creators are authenticated, so that a hash without a
    /// key suffices, and it takes a tenth of the instructions.
    pub(super) fn of(creator: &Creator) -> Self {
        let bytes = creator.as_str().bytes();
        Self(bytes.fold(0x811c_9dc5, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        }))
    }

    fn lane(self) -> usize {
        // The upper bits, which are mixed best.
        usize::try_from(self.0 >> 27).unwrap_or_default()
    }
}

/// Returns the key of a lane of a minute.
fn lane_key(minute: &Key, lane: usize) -> Key {
    let mut key = minute.push('.');
    key.extend(char::from(DIGITS[lane % LANES]));
    key
}
