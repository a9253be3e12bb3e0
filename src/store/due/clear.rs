//! Deletes a minute: first its slots, and last the markers that lead to them.

use super::{Period, scan::WriterSlots, settled_until};
use crate::store::{Key, KeyValue, Pace, Stopped, write, writer_tree};

/// The number of slots that are deleted at a time. A minute with more is deleted in several runs, so
/// that no request waits for it.
const MAX_SLOTS: u32 = 1000;

/// Deletes the keys of a minute that is over and whose orders are all settled.
///
/// It deletes the slots of a writer from the last to the first, so that a later run finds what a
/// failure has left.
pub(super) async fn clear(
    store: &impl KeyValue,
    minute: &Period,
    writers: &[WriterSlots],
    pace: &Pace<'_>,
) -> Result<(), Stopped> {
    let mut room = MAX_SLOTS;
    for WriterSlots { bucket, end } in writers {
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
    let buckets = || writers.iter().map(|writer| &writer.bucket);
    let mut path: Vec<Key> = buckets().map(settled_until).collect();
    path.extend(writer_tree::path(&minute.key(), buckets()));
    path.push(minute.key());
    write::delete_at(pace, store, path).await
}
