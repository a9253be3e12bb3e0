//! A run of the trigger: delivers due orders, bounded in number and time.
//!
//! Two runs may overlap: claims decide which of them delivers an order.
//!
//! **Time.** Akamai Functions ends requests after 30 seconds. A run searches for orders for
//! [`SEARCH_SECONDS`] (longer only if it has found none), begins no order after [`BEGIN_SECONDS`],
//! and responds after [`RESPONSE_TIME`] at the latest. Attempts that are still under way then go on
//! behind the response. If the host ends them, they count as crashed: another attempt continues
//! when their lease is over.
//!
//! **Send times.** A run waits for orders that are due in a few seconds, so that a timer that is a
//! little early sends them on time. It leaves all later ones to the next run.
//!
//! **Fairness.** Other requests of the instance wait during each call of the store. A run therefore
//! yields between its calls.

use std::{pin::pin, time::Duration};

use futures_util::{
    future::{Either, select},
    stream::{FuturesUnordered, StreamExt as _},
};

use super::{AttemptResult, DeliveryContext, Ports, attempt::During as _, await_send_time};
use crate::{
    log,
    order::OrderId,
    store::{KeyValue, Pace, SenderLimit, Stopped, StoreError, yield_now},
    timestamp::Timestamp,
};

/// The number of orders that a run delivers at most.
const MAX_ORDERS: usize = 200;

/// How long a run searches for more orders after it has found some.
const SEARCH_SECONDS: i64 = 5;

/// How long a run begins attempts.
pub const BEGIN_SECONDS: i64 = 15;

/// The time after which a run responds, even if attempts are under way.
pub const RESPONSE_TIME: Duration = Duration::from_secs(18);

/// The number of orders that are delivered at the same time.
const CONCURRENT_ORDERS: usize = 8;

/// The result of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Run {
    /// The number of due orders that the run has found.
    pub due: usize,
    /// The number of orders that the run has worked on.
    pub processed: usize,
    /// Whether another run would find more orders.
    pub more: bool,
}

/// Delivers due orders until `end`. `begin` begins an attempt, as [`process_order`] does. Returns
/// the result and the attempts that are still under way.
pub async fn run<K: KeyValue, P: Ports, F: Future<Output = OrderResult>>(
    context: DeliveryContext<'_, K, P>,
    begin: impl Fn(OrderId) -> F,
    end: impl Future<Output = ()>,
) -> Result<(Run, FuturesUnordered<F>), StoreError> {
    let begun_at = context.ports.now();
    let DueOrders { ids, more } = find(context).await?;
    let mut run = Run {
        more,
        ..Run::default()
    };
    let mut ids = ids.into_iter();
    let mut under_way = FuturesUnordered::new();
    let mut end = pin!(end);
    loop {
        let free = CONCURRENT_ORDERS - under_way.len();
        under_way.extend(ids.by_ref().take(free).map(&begin));
        let result = match select(under_way.next(), end.as_mut()).await {
            Either::Left((result, _)) => result,
            Either::Right(_) => {
                run.more |= ids.len() > 0;
                run.due += ids.len();
                break;
            }
        };
        match result {
            Some(result) => run.add(result),
            None => break,
        }
    }
    // Counts the attempts under way, whatever their results will be.
    run.due += under_way.len();
    run.processed += under_way.len();
    // If this run could not process any order, neither could another one now.
    run.more &= run.processed > 0;
    run.log(context, begun_at);
    Ok((run, under_way))
}

impl Run {
    fn add(&mut self, result: OrderResult) {
        let result = match result {
            OrderResult::Failed | OrderResult::Attempted(AttemptResult::NotDue) => return,
            OrderResult::OutOfTime => {
                self.due += 1;
                self.more = true;
                return;
            }
            OrderResult::Attempted(result) => result,
        };
        self.due += 1;
        match result {
            AttemptResult::NotDue | AttemptResult::Skipped => {}
            AttemptResult::SenderPaused => self.more = false,
            AttemptResult::Unfinished => {
                self.processed += 1;
                self.more = true;
            }
            AttemptResult::Postponed | AttemptResult::Settled(_) => self.processed += 1,
        }
    }

    fn log(self, context: DeliveryContext<'_, impl KeyValue, impl Ports>, begun_at: Timestamp) {
        let Self {
            due,
            processed,
            more,
        } = self;
        let duration = context.ports.now().duration_since(begun_at);
        log::info("trigger run")
            .trace(context.trace)
            .result(&format!("due {due}, processed {processed}, more {more}"))
            .duration(duration)
            .write();
    }
}

/// Orders to deliver.
struct DueOrders {
    /// The orders, in the sequence in which the attempts begin.
    ids: Vec<OrderId>,
    /// Whether there may be others.
    more: bool,
}

async fn find<K: KeyValue, P: Ports>(
    context: DeliveryContext<'_, K, P>,
) -> Result<DueOrders, StoreError> {
    let now = context.ports.now();
    let clock = || context.ports.now();
    let search_end = now.plus_seconds(SEARCH_SECONDS);
    let pace = Pace::new(&clock, search_end, context.deadline);
    let mut ids = Vec::new();
    let more = match search(context, now, &pace, &mut ids).await {
        Ok(more) => more || pace.is_enough(ids.len(), MAX_ORDERS),
        Err(Stopped::OutOfTime) => true,
        Err(Stopped::Store(error)) => return Err(error),
    };
    Ok(DueOrders { ids, more })
}

async fn search<K: KeyValue, P: Ports>(
    context: DeliveryContext<'_, K, P>,
    now: Timestamp,
    pace: &Pace<'_>,
    ids: &mut Vec<OrderId>,
) -> Result<bool, Stopped> {
    let stores = context.stores;
    let (minutes, more) = stores.due.minutes(now, pace).await?;
    if minutes.is_empty() {
        return Ok(false);
    }
    let limit = stores.deliveries.sender_limit()?;
    if let Some(SenderLimit { until, .. }) = limit.filter(|limit| limit.until > now) {
        log::debug("due orders skipped")
            .trace(context.trace)
            .reason(&format_args!("the sender is paused until {until}"))
            .write();
        return Ok(false);
    }
    stores
        .due
        .scan(&minutes, now, MAX_ORDERS, pace, ids)
        .await?;
    Ok(more)
}

/// The result of a run for one order.
#[derive(Debug)]
pub enum OrderResult {
    /// An attempt was made.
    Attempted(AttemptResult),
    /// No attempt was made, because the time of the run was over.
    OutOfTime,
    /// The order does not exist, or the store failed, which is logged. The run goes on with the
    /// other orders.
    Failed,
}

/// Makes an attempt at an order, unless the time of the run is over.
pub async fn process_order<K: KeyValue, P: Ports>(
    context: DeliveryContext<'_, K, P>,
    id: OrderId,
) -> OrderResult {
    yield_now().await;
    if context.ports.now() > context.deadline {
        return OrderResult::OutOfTime;
    }
    let order = context.stores.orders.get(id).during("reading the order");
    yield_now().await;
    let result = match &order {
        Ok(Some(order)) => {
            if order.is_due_soon(context.ports.now()) {
                await_send_time(context.ports, order).await;
            }
            context.attempt(order).await
        }
        Ok(None) => return OrderResult::Failed,
        Err(error) => Err(error.clone()),
    };
    match result {
        Ok(result) => OrderResult::Attempted(result),
        Err(error) => {
            let order = order.ok().flatten();
            context.log_failure("order cannot be processed", id, order.as_ref(), &error);
            OrderResult::Failed
        }
    }
}
