//! The index of orders by the minute in which they are due.
//!
//! It is a tree: months, days, hours, minutes, then the digits of writers, then slots. [`minutes`]
//! walks down to the minutes that are due, so it costs by what is due and not by what is stored.
//!
//! An order is filed under a minute that is not over, so a minute that has passed gets no new
//! order. Its keys are deleted when that is certain, whatever the clocks of the writers say: see
//! [`SKEW_SECONDS`]. Slots are not deleted one by one.

mod clear;
mod minutes;
mod overdue;
mod period;
mod scan;

use std::sync::Arc;

use super::{Key, KeyValue, MARKER, Pace, Stopped, batch_writer::BatchWriter, writer::Writer};
use crate::{order::OrderId, timestamp::Timestamp};

use period::Period;

/// The most that the clocks of two hosts may differ by.
const SKEW_SECONDS: i64 = 10 * 60;

/// The value of a minute's marker after all its orders were settled. A writer that files another
/// order there writes [`MARKER`] again.
const SETTLED: &[u8] = b"0";

/// The index of orders by the minute in which they are due.
#[derive(Debug)]
pub struct DueIndex<K>(pub(super) Arc<BatchWriter<K>>);

/// A minute in which an order may be due.
#[derive(Debug)]
pub struct DueMinute(Period);

impl<K: KeyValue> DueIndex<K> {
    /// Returns the minutes in which an order may be due, the oldest first.
    pub async fn minutes(
        &self,
        now: Timestamp,
        pace: &Pace<'_>,
    ) -> Result<Vec<DueMinute>, Stopped> {
        let minutes = minutes::minutes(&self.0.store, now, pace).await?;
        Ok(minutes.into_iter().map(DueMinute).collect())
    }

    /// Adds the orders of a minute that an attempt may begin at, if they are due, until `ready`
    /// holds about `room` of them. If the time is over, the orders found so far are in `ready`.
    pub async fn scan(
        &self,
        DueMinute(minute): &DueMinute,
        now: Timestamp,
        room: usize,
        pace: &Pace<'_>,
        ready: &mut Vec<OrderId>,
    ) -> Result<(), Stopped> {
        scan::scan(&self.0.store, minute, now, room, pace, ready).await
    }
}

/// Files an order under the minute of `due`, or under the present one if that is later. Returns the
/// entries to write.
pub(super) fn file(
    id: OrderId,
    due: Timestamp,
    now: Timestamp,
    writer: &mut Writer,
) -> impl Iterator<Item = (Key, Vec<u8>)> + use<> {
    let minute = Period::minute(due.max(now));
    let key = minute.key();
    let bucket = key.child(writer.name());
    let slot = writer.take_slot(&bucket);
    // A writer that has filled a slot here has written the markers that lead to it.
    let markers = if slot > 0 {
        Vec::new()
    } else {
        let mut markers: Vec<Key> = minute.ancestors().iter().map(Period::key).collect();
        markers.extend(writer.prefixes().map(|prefix| key.child(prefix)));
        writer.take_unwritten(markers)
    };
    let markers = markers.into_iter().map(|marker| (marker, MARKER.to_vec()));
    markers.chain([(bucket.child(slot), id.as_bytes().to_vec())])
}

/// Returns the key of the slot before which all orders of a writer in a minute are settled.
fn settled_until(bucket: &Key) -> Key {
    bucket.child("done")
}
