//! The index of orders by the minute in which they are due.

use super::{Key, Lane, MARKER};
use crate::{order::OrderId, timestamp::Timestamp};

/// The entries that file an order, with the bucket in which it takes the lane's next slot.
pub(super) struct Filing {
    pub(super) bucket: Key,
    pub(super) entries: Vec<(Key, Vec<u8>)>,
}

/// Files an order under the minute of `due`, or the present one if that is later, so that a
/// minute that has passed gets nothing new.
pub(super) fn file(id: &OrderId, due: Timestamp, now: Timestamp, lane: &Lane) -> Filing {
    let minute = Minute::of(due.max(now));
    let bucket = minute.key().child(lane.name());
    let mut markers = minute.markers();
    markers.extend(lane.prefixes().map(|prefix| minute.key().child(prefix)));
    let slot = bucket.child(lane.next_slot(&bucket));
    let mut entries: Vec<_> = lane
        .unwritten(markers)
        .into_iter()
        .map(|marker| (marker, MARKER.to_vec()))
        .collect();
    entries.push((slot, id.as_bytes().to_vec()));
    Filing { bucket, entries }
}

/// A minute in UTC, like `2030-01-31T08:00`.
struct Minute(String);

impl Minute {
    fn of(instant: Timestamp) -> Self {
        let mut text = instant.to_string();
        text.truncate("2030-01-31T08:00".len());
        Self(text)
    }

    fn key(&self) -> Key {
        Key::of(format_args!("due:{}", self.0))
    }

    /// The markers of the month, the day, the hour and the minute.
    fn markers(&self) -> Vec<Key> {
        ["2030-01", "2030-01-31", "2030-01-31T08", "2030-01-31T08:00"]
            .map(|form| Key::of(format_args!("due:{}", &self.0[..form.len()])))
            .to_vec()
    }
}
