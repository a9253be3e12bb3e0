//! Deleting a minute: its slots first, and last what leads to them.

use super::{Period, look::LaneSlots, settled_until};
use crate::store::{Key, KeyValue, Pace, Stopped, lane, write};

/// How many slots are deleted at a time. A minute that has more is deleted bit by bit, so that no
/// call has to wait for it.
const MAX_SLOTS: u32 = 1000;

/// Deletes the keys of a minute that is over and whose orders are all settled.
///
/// The slots of a lane go from the last to the first: what is left after a failure is then found
/// again.
pub(super) async fn clear(
    store: &impl KeyValue,
    minute: &Period,
    lanes: &[LaneSlots],
    pace: &Pace<'_>,
) -> Result<(), Stopped> {
    let mut room = MAX_SLOTS;
    for LaneSlots { bucket, end } in lanes {
        let kept = end.saturating_sub(room);
        room -= end - kept;
        let slots = (kept..*end).rev().map(|slot| bucket.child(slot));
        write::delete_at(pace, store, slots).await?;
        if kept > 0 {
            let rest = kept.to_string().into_bytes();
            write::set(store, vec![(settled_until(bucket), rest)])?;
            return Ok(());
        }
    }
    let mut path: Vec<Key> = lanes
        .iter()
        .map(|lane| settled_until(&lane.bucket))
        .collect();
    path.extend(lane::path(
        &minute.key(),
        lanes.iter().map(|lane| &lane.bucket),
    ));
    path.push(minute.key());
    write::delete_at(pace, store, path).await
}
