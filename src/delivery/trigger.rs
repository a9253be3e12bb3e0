//! Working off what is due, in bounded batches and bounded time.
//!
//! It may run twice at once: claims decide who gets which order.
//!
//! **Time.** A host may end a request after 30 seconds (Akamai Functions does). A run looks for
//! orders for [`LOOK_SECONDS`], longer only if it has found none, begins none after
//! [`BEGIN_SECONDS`], and answers after [`ANSWER`] at the latest. An attempt that has not come to
//! its end by then goes on behind the answer. If the host ends it there, it is an attempt that
//! crashed: another takes the order up when its lease is over.
//!
//! **Company.** A run shares its instance with other requests, which wait while the store is
//! called. So it lets them run between its calls.

use std::{pin::pin, time::Duration};

use futures_util::{
    future::{Either, select},
    stream::{FuturesUnordered, StreamExt as _},
};
use uuid::Uuid;

use super::{AttemptResult, DeliveryContext, Ports};
use crate::{
    log,
    order::OrderId,
    store::{KeyValue, Pace, Stopped, StoreError, yield_now},
    timestamp::Timestamp,
};

/// How many orders are worked off at the most.
const MAX_ORDERS: usize = 200;

/// For how long a run looks for more than the orders it has found.
const LOOK_SECONDS: i64 = 5;

/// For how long new ones are begun.
pub const BEGIN_SECONDS: i64 = 15;

/// When a run answers at the latest, whatever is still being done.
pub const ANSWER: Duration = Duration::from_secs(18);

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

/// Works off what is due. `begin` begins an attempt at an order, as [`process_order`] does, and `end` is
/// when the run has to answer. Gives what was done, and the attempts that have not come to their
/// end.
pub async fn run<K: KeyValue, O: Ports, F: Future<Output = OrderResult>>(
    context: DeliveryContext<'_, K, O>,
    begin: impl Fn(OrderId) -> F,
    end: impl Future<Output = ()>,
) -> Result<(Run, FuturesUnordered<F>), StoreError> {
    let Found { ids, more } = find(context).await?;
    let mut run = Run {
        more,
        ..Run::default()
    };
    let mut ids = ids.into_iter();
    let mut under_way = FuturesUnordered::new();
    let mut end = pin!(end);
    loop {
        let free = ORDERS_AT_ONCE - under_way.len();
        under_way.extend(ids.by_ref().take(free).map(&begin));
        let worked = match select(under_way.next(), end.as_mut()).await {
            Either::Left((worked, _)) => worked,
            Either::Right(_) => {
                run.more |= ids.len() > 0;
                run.due += ids.len();
                break;
            }
        };
        match worked {
            Some(worked) => run.add(worked),
            None => break,
        }
    }
    // Whatever they come to, they are this run's.
    run.due += under_way.len();
    run.processed += under_way.len();
    // Where nothing could be done, another run at once could not do more.
    run.more &= run.processed > 0;
    Ok((run, under_way))
}

impl Run {
    fn add(&mut self, worked: OrderResult) {
        let outcome = match worked {
            OrderResult::Failed | OrderResult::Attempted(AttemptResult::NotDue) => return,
            OrderResult::OutOfTime => {
                self.due += 1;
                self.more = true;
                return;
            }
            OrderResult::Attempted(outcome) => outcome,
        };
        self.due += 1;
        match outcome {
            AttemptResult::NotDue | AttemptResult::Skipped => {}
            AttemptResult::SenderPaused => self.more = false,
            AttemptResult::Unfinished => {
                self.processed += 1;
                self.more = true;
            }
            AttemptResult::Postponed | AttemptResult::Settled(_) => self.processed += 1,
        }
    }
}

/// Orders to work on.
struct Found {
    /// In the order in which to begin them.
    ids: Vec<OrderId>,
    /// Whether there may be others.
    more: bool,
}

async fn find<K: KeyValue, O: Ports>(
    context: DeliveryContext<'_, K, O>,
) -> Result<Found, StoreError> {
    let now = context.ports.now();
    let clock = || context.ports.now();
    let pace = Pace::new(&clock, now.plus_seconds(LOOK_SECONDS), context.deadline);
    let mut ids = Vec::new();
    let more = match look(context, now, &pace, &mut ids).await {
        Ok(()) => pace.is_enough(ids.len(), MAX_ORDERS),
        Err(Stopped::OutOfTime) => true,
        Err(Stopped::Store(error)) => return Err(error),
    };
    ids.sort_unstable();
    ids.dedup();
    // Runs that go on at once begin in different places, so that they seldom want the same order.
    rotate(&mut ids);
    Ok(Found { ids, more })
}

async fn look<K: KeyValue, O: Ports>(
    DeliveryContext { stores, .. }: DeliveryContext<'_, K, O>,
    now: Timestamp,
    pace: &Pace<'_>,
    ids: &mut Vec<OrderId>,
) -> Result<(), Stopped> {
    let mut minutes = stores.due.minutes(now, pace).await?;
    if minutes.is_empty()
        || stores
            .deliveries
            .sender_pause()?
            .is_some_and(|until| until > now)
    {
        return Ok(());
    }
    // The oldest first, or in every other run any: a minute that takes all the time there is must
    // not hide the others for ever.
    if Uuid::new_v4().as_u128().is_multiple_of(2) {
        rotate(&mut minutes);
    }
    for minute in &minutes {
        if pace.is_enough(ids.len(), MAX_ORDERS) {
            break;
        }
        stores.due.scan(minute, now, MAX_ORDERS, pace, ids).await?;
    }
    Ok(())
}

/// Lets a list begin anywhere.
fn rotate<T>(list: &mut [T]) {
    let (random, _) = Uuid::new_v4().as_u64_pair();
    if let Some(middle) = usize::try_from(random >> 32)
        .ok()
        .and_then(|random| random.checked_rem(list.len()))
    {
        list.rotate_left(middle);
    }
}

/// What a run did for one order.
#[derive(Debug)]
pub enum OrderResult {
    /// An attempt at it, whatever that came to.
    Attempted(AttemptResult),
    /// Nothing: the time was over.
    OutOfTime,
    /// Nothing: it is not there, or the store failed, which is logged. One that cannot be worked
    /// on does not keep the others waiting.
    Failed,
}

/// Makes an attempt at an order, unless the time for new ones is over.
pub async fn process_order<K: KeyValue, O: Ports>(
    context: DeliveryContext<'_, K, O>,
    id: OrderId,
) -> OrderResult {
    yield_now().await;
    if context.ports.now() > context.deadline {
        return OrderResult::OutOfTime;
    }
    let order = context.stores.orders.get(id);
    yield_now().await;
    let worked = match order {
        Ok(Some(order)) => context.attempt(&order).await,
        Ok(None) => return OrderResult::Failed,
        Err(error) => Err(error),
    };
    worked
        .inspect_err(|error| {
            log::error("order cannot be processed")
                .trace(context.trace)
                .order(id)
                .reason(error)
                .write();
        })
        .map_or(OrderResult::Failed, OrderResult::Attempted)
}
