//! The index of orders by the minute in which they are due.
//!
//! It is a tree: months, days, hours, minutes, then the digits of lanes, then slots. [`read`] walks
//! down to what is due, and so costs what is due, whatever is stored for later.
//!
//! An order is filed under a minute that is not over, so that a minute that has passed gets
//! nothing new. Its keys are deleted when that is certain, whatever the clocks of those who write:
//! see [`SKEW_SECONDS`]. Slots are not deleted one by one.

mod clear;
mod look;
mod period;
mod read;

use super::{Key, Lane, MARKER};
use crate::{order::OrderId, timestamp::Timestamp};

pub(super) use look::look_into;
pub(super) use period::Period;
pub(super) use read::minutes;

/// How far the clocks of two hosts may be apart.
const SKEW_SECONDS: i64 = 10 * 60;

/// The value of a minute's marker after all its orders were settled. Whoever files another writes
/// [`MARKER`] over it.
const SETTLED: &[u8] = b"0";

/// Files an order under the minute of `due`, or the present one if that is later: what is to be
/// written for that.
pub(super) fn file(
    id: OrderId,
    due: Timestamp,
    now: Timestamp,
    lane: &mut Lane,
) -> impl Iterator<Item = (Key, Vec<u8>)> + use<> {
    let minute = Period::minute(due.max(now));
    let key = minute.key();
    let bucket = key.child(lane.name());
    let slot = lane.take_slot(&bucket);
    // Who has written a slot here has written what leads to it.
    let markers = if slot > 0 {
        Vec::new()
    } else {
        let mut markers: Vec<Key> = minute.ancestors().iter().map(Period::key).collect();
        markers.extend(lane.prefixes().map(|prefix| key.child(prefix)));
        lane.take_unwritten(markers)
    };
    let markers = markers.into_iter().map(|marker| (marker, MARKER.to_vec()));
    markers.chain([(bucket.child(slot), id.as_bytes().to_vec())])
}

/// Until which slot a lane's orders in a minute are known to be settled.
fn settled_until(bucket: &Key) -> Key {
    bucket.child("done")
}
