//! A rare look at every key there is, for orders that an index has lost.

use super::{Attempt, Outside};
use crate::{
    order::OrderId,
    store::{KeyValue, SHARDS, StoreError, SweepProgress, order_of_key},
};

/// How long after one part the next is swept.
const PAUSE_SECONDS: i64 = 60 * 60;

/// How many orders are looked at in one go.
const CHUNK: usize = 64;

/// Why there was no sweep.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys cannot be listed.
    #[error("the keys: {0}")]
    Keys(String),
}

/// Sweeps one part of all orders, if it is time for that, or `at_once`. How many orders it has put
/// back.
pub async fn run<K: KeyValue, O: Outside>(
    attempt: Attempt<'_, K, O>,
    at_once: bool,
) -> Result<usize, SweepError> {
    let Attempt {
        orders, outside, ..
    } = attempt;
    let now = outside.now();
    let first = SweepProgress {
        at: now,
        shard: 0,
        after: None,
    };
    let mut progress = match orders.sweep_progress()? {
        Some(last) if !at_once && last.at.plus_seconds(PAUSE_SECONDS) > now => return Ok(0),
        Some(last) => SweepProgress { at: now, ..last },
        None if at_once => first,
        // What was just stored is in its index; the first sweep can wait.
        None => {
            orders.set_sweep_progress(first)?;
            return Ok(0);
        }
    };
    // Noted first, so that another run does not do the same.
    orders.set_sweep_progress(progress)?;
    let keys = outside.keys(&progress.prefix()).await;
    let keys = keys.map_err(SweepError::Keys)?;
    let mut ids: Vec<OrderId> = keys.iter().filter_map(|key| order_of_key(key)).collect();
    ids.retain(|id| progress.after.is_none_or(|after| *id > after));
    ids.sort_unstable();
    let mut repaired = 0;
    for chunk in ids.chunks(CHUNK) {
        repaired += orders.repair(chunk, outside.now())?;
        progress.after = chunk.last().copied();
        if outside.now() > attempt.deadline {
            orders.set_sweep_progress(progress)?;
            return Ok(repaired);
        }
    }
    progress.after = None;
    progress.shard = (progress.shard + 1) % SHARDS;
    orders.set_sweep_progress(progress)?;
    Ok(repaired)
}
