//! The index of orders by the minute in which they are due.

use super::{Key, Lane, MARKER};
use crate::{order::OrderId, timestamp::Timestamp};

/// Where an order is filed.
pub(super) struct Filing {
    /// What the order takes the lane's next slot in.
    pub(super) bucket: Key,
    /// The markers that have to be written for the bucket to be found.
    pub(super) markers: Vec<Key>,
    slot: Key,
    id: OrderId,
}

/// Files an order under the minute of `due`, or the present one if that is later, so that a
/// minute that has passed gets nothing new.
pub(super) fn file(id: OrderId, due: Timestamp, now: Timestamp, lane: &Lane) -> Filing {
    let minute = Minute::of(due.max(now));
    let bucket = minute.key().child(lane.name());
    let mut markers = minute.markers();
    markers.extend(lane.prefixes().map(|prefix| minute.key().child(prefix)));
    Filing {
        markers: lane.unwritten(markers),
        slot: bucket.child(lane.next_slot(&bucket)),
        bucket,
        id,
    }
}

impl Filing {
    /// What is to be written.
    pub(super) fn entries(&self) -> impl Iterator<Item = (Key, Vec<u8>)> {
        let markers = self.markers.iter();
        markers
            .map(|marker| (marker.clone(), MARKER.to_vec()))
            .chain([(self.slot.clone(), self.id.as_bytes().to_vec())])
    }
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
