//! Working off what is due, in bounded batches and bounded time.
//!
//! It may run twice at once: claims decide who gets which order.

use futures_util::{StreamExt as _, stream};
use uuid::Uuid;

use super::{Attempt, Outcome, Outside};
use crate::{
    log,
    order::OrderId,
    store::{KeyValue, StoreError},
    timestamp::Timestamp,
};

/// How many orders are worked off at the most.
const MAX_ORDERS: usize = 200;

/// For how long new ones are begun.
pub const TIME_SECONDS: i64 = 20;

/// How many are in work at once.
const ORDERS_AT_ONCE: usize = 8;

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Run {
    /// How many orders were due, of those that were looked at.
    pub due: usize,
    /// How many of them were worked on.
    pub processed: usize,
    /// Whether another run would find more.
    pub more: bool,
}

/// Works off what is due.
pub async fn run<K: KeyValue, O: Outside>(attempt: Attempt<'_, K, O>) -> Result<Run, StoreError> {
    let now = attempt.outside.now();
    let minutes = attempt.orders.due_minutes(now)?;
    if minutes.is_empty() || sender_is_paused(attempt, now)? {
        return Ok(Run::default());
    }
    let mut run = Run::default();
    let mut ids = Vec::new();
    for minute in &minutes {
        let room = MAX_ORDERS.saturating_sub(ids.len());
        if room == 0 || attempt.outside.now() > attempt.deadline {
            run.more = true;
            break;
        }
        ids.extend(attempt.orders.look_into(minute, now, room)?);
    }
    run.more |= ids.len() >= MAX_ORDERS;
    ids.sort_unstable();
    ids.dedup();
    rotate(&mut ids);
    let mut attempts = Vec::with_capacity(ids.len());
    for id in ids {
        attempts.push(work_on(attempt, id));
    }
    let outcomes: Vec<_> = stream::iter(attempts)
        .buffer_unordered(ORDERS_AT_ONCE)
        .collect()
        .await;
    for worked in outcomes {
        match worked {
            Worked::Failed | Worked::On(Outcome::NotDue) => {}
            Worked::TooLate => {
                run.due += 1;
                run.more = true;
            }
            Worked::On(Outcome::Left) => run.due += 1,
            Worked::On(Outcome::SenderPaused) => {
                run.due += 1;
                run.more = false;
            }
            Worked::On(Outcome::Unfinished) => {
                run.due += 1;
                run.processed += 1;
                run.more = true;
            }
            Worked::On(Outcome::Postponed | Outcome::Settled(_)) => {
                run.due += 1;
                run.processed += 1;
            }
        }
    }
    // Where nothing could be done, another run at once could not do more.
    run.more &= run.processed > 0;
    Ok(run)
}

fn sender_is_paused<K: KeyValue, O: Outside>(
    attempt: Attempt<'_, K, O>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let until = attempt.orders.sender_pause()?;
    Ok(until.is_some_and(|until| until > now))
}

/// Runs that go on at once begin in different places, so that they seldom want the same order.
fn rotate(ids: &mut [OrderId]) {
    let (random, _) = Uuid::new_v4().as_u64_pair();
    if let Some(middle) = usize::try_from(random >> 32)
        .ok()
        .and_then(|random| random.checked_rem(ids.len()))
    {
        ids.rotate_left(middle);
    }
}

/// What a run did for one order.
enum Worked {
    /// An attempt at it, whatever that came to.
    On(Outcome),
    /// Nothing: the time was over.
    TooLate,
    /// Nothing: it is not there, or the store failed, which is logged. One that cannot be worked
    /// on does not keep the others waiting.
    Failed,
}

async fn work_on<K: KeyValue, O: Outside>(attempt: Attempt<'_, K, O>, id: OrderId) -> Worked {
    if attempt.outside.now() > attempt.deadline {
        return Worked::TooLate;
    }
    let worked = match attempt.orders.get(id) {
        Ok(Some(order)) => attempt.at(&order).await,
        Ok(None) => return Worked::Failed,
        Err(error) => Err(error),
    };
    worked
        .inspect_err(|error| log::error("order cannot be processed", error))
        .map_or(Worked::Failed, Worked::On)
}
