//! An order during an attempt.

use std::fmt::Display;

use super::{AttemptError, AttemptResult, DeliveryContext, error::During as _, page::PageResult};
use crate::{
    delivery::{Ports, retry},
    order::{BlockedUntil, Order, OrderState, ProcessingStatus},
    store::{KeyValue, PAGE},
    timestamp::Timestamp,
};

/// How long before the end of its lease an attempt stops writing: a write may have to wait.
const MARGIN_SECONDS: i64 = 5;

/// An order that no other attempt can have until the lease is over.
pub(super) struct LeasedOrder<'a, K, P> {
    pub(super) context: DeliveryContext<'a, K, P>,
    pub(super) order: &'a Order,
    /// The state to store with the next write.
    pub(super) state: OrderState,
    /// The end of the lease.
    pub(super) lease: Timestamp,
    pub(super) begun_at: Timestamp,
}

impl<K: KeyValue, P: Ports> LeasedOrder<'_, K, P> {
    /// Delivers the order page by page.
    pub(super) async fn deliver(mut self) -> Result<AttemptResult, AttemptError> {
        if let Some(result) = self.check_condition().await? {
            return Ok(result);
        }
        let pages = self.order.recipients.len().div_ceil(PAGE);
        let mut is_open = false;
        for number in 0..pages {
            if number > 0 {
                let now = self.now();
                if now > self.context.deadline {
                    return self.release().await;
                }
                if let Some(until) = self.context.sender_paused_until(now)? {
                    return self.postpone(Some(until)).await;
                }
            }
            let is_last = number + 1 == pages && !is_open;
            match self.deliver_page(number, is_last).await? {
                PageResult::Settled => {}
                PageResult::Open => is_open = true,
                PageResult::RateLimited(until) => return self.postpone(Some(until)).await,
                PageResult::LeaseOver => return Ok(self.stop()),
            }
        }
        if is_open {
            return self.postpone(None).await;
        }
        self.log_end("completed", &"");
        Ok(AttemptResult::Settled(ProcessingStatus::Completed))
    }

    pub(super) fn now(&self) -> Timestamp {
        self.context.ports.now()
    }

    /// Tells whether the lease lasts long enough for a write.
    pub(super) fn may_write(&self, now: Timestamp) -> bool {
        !is_over(self.lease, now)
    }

    /// Sets the final status. The next write stores it.
    pub(super) fn settle(&mut self, status: ProcessingStatus) {
        self.state.status = status;
        self.state.last_update = self.now();
        self.state.progress.blocked_until = BlockedUntil::None;
    }

    /// Files the order for a later attempt, not before the sender accepts emails again.
    async fn postpone(
        mut self,
        sender_paused_until: Option<Timestamp>,
    ) -> Result<AttemptResult, AttemptError> {
        let now = self.now();
        if !self.may_write(now) {
            return Ok(self.stop());
        }
        if let Some(until) = sender_paused_until {
            let stored = self.context.stores.deliveries.set_sender_pause(until);
            stored.during("storing the sender pause")?;
        }
        let retry_at = now.plus_seconds(retry::pause_seconds(self.state.progress.pauses));
        let due = sender_paused_until.map_or(retry_at, |until| until.max(retry_at));
        self.state.progress.pauses += 1;
        self.postpone_until(due, now).await?;
        self.log_end("postponed", &format_args!("until {due}"));
        Ok(AttemptResult::Postponed)
    }

    /// Files the order under the time of its next attempt.
    pub(super) async fn postpone_until(
        &mut self,
        due: Timestamp,
        now: Timestamp,
    ) -> Result<(), AttemptError> {
        self.state.progress.blocked_until = BlockedUntil::Pause(due);
        let orders = &self.context.stores.orders;
        let postponed = orders.postpone(self.order, &self.state, due, now).await;
        postponed.during("postponing the order")
    }

    /// Releases the lease, so that the next run of the trigger can continue at once.
    async fn release(mut self) -> Result<AttemptResult, AttemptError> {
        let now = self.now();
        if !self.may_write(now) {
            return Ok(self.stop());
        }
        self.state.progress.blocked_until = BlockedUntil::Lease(now);
        self.context.set_state(self.order, &self.state).await?;
        self.log_end("unfinished", &"the time of the run is over");
        Ok(AttemptResult::Unfinished)
    }

    /// Stops without a write: another attempt may have the order.
    fn stop(&self) -> AttemptResult {
        let reason = &"sending took too long; another attempt continues";
        self.context.log_problem(self.order, "lease over", reason);
        AttemptResult::Skipped
    }

    pub(super) fn log_end(&self, result: &str, reason: &dyn Display) {
        let duration = self.now().duration_since(self.begun_at);
        self.context.log_end(self.order, result, reason, duration);
    }
}

/// Tells whether a lease is over, or does not last long enough for a write.
pub(super) fn is_over(lease: Timestamp, now: Timestamp) -> bool {
    now.plus_seconds(MARGIN_SECONDS) >= lease
}
