//! Walks down the tree of times to the minutes in which an order may be due.

use std::collections::HashMap;

use uuid::Uuid;

use super::{Period, SETTLED, SKEW_SECONDS};
use crate::{
    order::DUE_AHEAD_SECONDS,
    store::{Key, KeyValue, Pace, Stopped, StoreError, read, write},
    timestamp::Timestamp,
};

/// The number of periods of one kind that are visited from either end, and the number of others, which
/// are chosen at random. After a long outage, the oldest orders are worked off and new ones do not wait
/// for that; and whatever blocks the minutes at the ends, each other one has its turn.
const AT_EITHER_END: usize = 16;
const BETWEEN: usize = 16;

/// Returns minutes that have begun, or begin soon, in which an order may not be settled, the oldest
/// first; and whether there may be others.
///
/// It asks for all months, the days of this month, the hours of this day and the minutes of this hour at
/// once, so that it makes no other call where nothing else is stored. On the way it deletes longer
/// periods that are over and empty.
pub(super) async fn minutes(
    store: &impl KeyValue,
    now: Timestamp,
    pace: &Pace<'_>,
) -> Result<(Vec<Period>, bool), Stopped> {
    let latest = Period::minute(now.plus_seconds(DUE_AHEAD_SECONDS));
    let over = Period::minute(now.plus_seconds(-SKEW_SECONDS));
    let mut present = latest.ancestors();
    for period in Period::minute(now).ancestors() {
        if !present.contains(&period) {
            present.push(period);
        }
    }
    let mut asked = Period::months_until(&latest);
    for period in &present {
        asked.extend(children(period, &latest));
    }
    pace.step().await?;
    let mut markers = markers(store, &asked)?;
    let mut emptied: Vec<Key> = Vec::new();
    let mut parents: Vec<Period> = Vec::new();
    let mut more = false;
    let mut periods = Period::months_until(&latest);
    loop {
        periods.retain(|period| markers.contains_key(period.key().as_str()));
        let is_empty = |parent: &Period| !periods.iter().any(|period| period.is_in(parent));
        parents.retain(|parent| parent.is_before(&over) && is_empty(parent));
        emptied.extend(parents.iter().map(Period::key));
        if periods.first().is_none_or(Period::is_minute) {
            write::delete(store, &emptied)?;
            periods.retain(|minute| {
                // A settled minute is left alone until it can be deleted.
                let marker = markers.get(minute.key().as_str());
                minute.is_before(&over) || marker.is_some_and(|marker| marker != SETTLED)
            });
            more |= choose(&mut periods);
            return Ok((periods, more));
        }
        more |= choose(&mut periods);
        parents = periods;
        let mut unread = Vec::new();
        periods = Vec::new();
        for parent in &parents {
            let first = periods.len();
            periods.extend(children(parent, &latest));
            if !present.contains(parent) {
                unread.extend(periods[first..].iter().cloned());
            }
        }
        if !unread.is_empty() {
            pace.step().await?;
            markers.extend(self::markers(store, &unread)?);
        }
    }
}

/// Returns those of the next shorter periods in it that have begun.
fn children<'a>(period: &Period, latest: &'a Period) -> impl Iterator<Item = Period> + use<'a> {
    let children = period.children().into_iter();
    children.filter(|child| !child.is_after(latest))
}

fn markers(
    store: &impl KeyValue,
    periods: &[Period],
) -> Result<HashMap<String, Vec<u8>>, StoreError> {
    let keys: Vec<Key> = periods.iter().map(Period::key).collect();
    read::all(store, &keys)
}

/// Keeps the periods at either end, and some others. Returns whether it has left any out.
fn choose(periods: &mut Vec<Period>) -> bool {
    let middle = periods.len().saturating_sub(2 * AT_EITHER_END);
    if middle <= BETWEEN {
        return false;
    }
    let random = usize::from(Uuid::new_v4().into_bytes()[0]);
    // The others are far apart, and each run begins elsewhere.
    let step = middle.div_ceil(BETWEEN);
    let mut place = 0_usize;
    periods.retain(|_| {
        let between = place
            .checked_sub(AT_EITHER_END)
            .filter(|between| *between < middle);
        place += 1;
        between.is_none_or(|between| (between + random) % step == 0)
    });
    true
}
