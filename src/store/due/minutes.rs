//! Walks down the tree of times to the minutes in which an order may be due.

use super::{Period, SETTLED, SKEW_SECONDS};
use crate::{
    order::DUE_AHEAD_SECONDS,
    store::{KeyValue, Pace, Stopped, read, write},
    timestamp::Timestamp,
};

/// The number of periods of one kind that are visited from either end. After a long outage, the
/// oldest orders are worked off and new ones do not wait for that.
const MAX_AT_EITHER_END: usize = 32;

/// Returns the minutes that have begun, or begin soon, in which an order may not be settled; the
/// oldest first.
///
/// Where there are none, it makes at most four calls: for months with the days of this month and the
/// hours of today, for other days, for other hours, and for minutes. On the way it deletes longer
/// periods that are over and empty.
pub(super) async fn minutes(
    store: &impl KeyValue,
    now: Timestamp,
    pace: &Pace<'_>,
) -> Result<Vec<Period>, Stopped> {
    let latest = Period::minute(now.plus_seconds(DUE_AHEAD_SECONDS));
    let over = Period::minute(now.plus_seconds(-SKEW_SECONDS));
    let mut emptied = Vec::new();
    let mut parents: Vec<Period> = Vec::new();
    let mut periods = Period::months_until(&latest);
    // Some order is due today on most days, so this month's days and today's hours are asked for at
    // once.
    let today = latest.ancestors().into_iter().take(2);
    let mut near: Vec<_> = today.flat_map(|period| period.children()).collect();
    near.retain(|period| !period.is_after(&latest));
    let keys: Vec<_> = periods.iter().chain(&near).map(Period::key).collect();
    let mut markers = read::all_at(pace, store, &keys).await?;
    loop {
        periods.retain(|period| markers.contains_key(period.key().as_str()));
        let is_empty = |parent: &Period| !periods.iter().any(|period| period.is_in(parent));
        parents.retain(|parent| parent.is_before(&over) && is_empty(parent));
        emptied.extend(parents.iter().map(Period::key));
        if periods.first().is_none_or(Period::is_minute) {
            write::delete_at(pace, store, emptied).await?;
            periods.retain(|minute| {
                // A settled minute is left alone until it can be deleted.
                let marker = markers.get(minute.key().as_str());
                minute.is_before(&over) || marker.is_some_and(|marker| marker != SETTLED)
            });
            keep_ends(&mut periods);
            return Ok(periods);
        }
        keep_ends(&mut periods);
        parents = periods;
        periods = parents.iter().flat_map(Period::children).collect();
        periods.retain(|period| !period.is_after(&latest));
        let unread = periods.iter().filter(|period| !near.contains(period));
        let keys: Vec<_> = unread.map(Period::key).collect();
        markers.extend(read::all_at(pace, store, &keys).await?);
    }
}

fn keep_ends<T>(periods: &mut Vec<T>) {
    let end = periods.len().saturating_sub(MAX_AT_EITHER_END);
    if end > MAX_AT_EITHER_END {
        periods.drain(MAX_AT_EITHER_END..end);
    }
}
