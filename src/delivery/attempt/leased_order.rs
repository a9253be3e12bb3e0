//! An order during an attempt.

use std::fmt::Display;

use super::{AttemptError, AttemptResult, DeliveryContext, error::During as _, page::PartResult};
use crate::{
    delivery::{Ports, generate::Addresses, retry},
    order::{BlockedUntil, Order, OrderState, ProcessingStatus},
    store::{KeyValue, PAGE, PartId, StoreError},
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
    /// The parts of pages that are left to deliver, the next one last.
    pub(super) plan: Vec<PartId>,
    /// The parts that something is left of.
    pub(super) open: Vec<PartId>,
    /// The pass through the plan.
    pub(super) pass: Pass,
    /// Whether the turn of an email did not come.
    pub(super) is_held: bool,
    /// The addresses that have a notification.
    pub(super) addresses: Addresses,
}

/// A pass through the plan of an attempt.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pass {
    /// Whether it goes through open parts again. It then sends what a rate limit has refused, and
    /// leaves other failures to a later attempt.
    pub(super) is_repeat: bool,
    /// Whether a rate limit has refused an email.
    pub(super) is_limited: bool,
    /// Whether a notification was settled.
    pub(super) has_progressed: bool,
}

impl Pass {
    /// Tells whether a rate limit alone prevents progress: it has refused some emails, and others have
    /// left.
    fn may_repeat(self) -> bool {
        self.is_limited && self.has_progressed
    }
}

impl<K: KeyValue, P: Ports> LeasedOrder<'_, K, P> {
    /// Delivers the order part by part.
    pub(super) async fn deliver(mut self) -> Result<AttemptResult, AttemptError> {
        if let Some(result) = self.check_condition().await? {
            return Ok(result);
        }
        self.make_plan().during("reading the pages")?;
        let mut is_first = true;
        while let Some(part) = self.plan.pop() {
            if !is_first {
                let now = self.now();
                if now > self.context.deadline {
                    return self.release().await;
                }
                let paused_until = self.context.sender_paused_until(now)?;
                if paused_until.is_some_and(|until| until > self.context.deadline) {
                    self.is_held = true;
                    return self.leave().await;
                }
            }
            is_first = false;
            match self.deliver_part(part).await? {
                PartResult::Settled => {}
                PartResult::Open => self.open.push(part),
                PartResult::Held => return self.leave().await,
                PartResult::LeaseOver => return Ok(self.stop()),
            }
            if self.plan.is_empty() && self.pass.may_repeat() {
                self.plan = std::mem::take(&mut self.open);
                self.plan.reverse();
                self.pass = Pass {
                    is_repeat: true,
                    ..Pass::default()
                };
            }
        }
        if !self.open.is_empty() {
            return self.leave().await;
        }
        if !self.state.status.is_final() {
            // Every part was settled before.
            if !self.may_write(self.now()) {
                return Ok(self.stop());
            }
            self.settle(ProcessingStatus::Completed);
            self.context.set_state(self.order, &self.state).await?;
        }
        self.log_end("completed", &"");
        Ok(AttemptResult::Settled(ProcessingStatus::Completed))
    }

    /// Tells whether no earlier attempt can have sent an email: the first write of an attempt, which
    /// comes before that, stores that there was one.
    pub(super) fn is_first_attempt(&self) -> bool {
        self.state.progress.attempts <= 1
    }

    /// Plans to deliver what is not known to be settled: first the recipients that were not tried yet,
    /// so that those that keep failing do not delay them.
    fn make_plan(&mut self) -> Result<(), StoreError> {
        // Nothing can be sent of an order whose content is erased.
        if self.order.erased.is_some() {
            return Ok(());
        }
        let pages = self.order.recipients.len().div_ceil(PAGE);
        let stored = if self.is_first_attempt() {
            Vec::new()
        } else {
            self.context.stores.deliveries.parts(self.order)?
        };
        let mut is_stored = vec![false; pages];
        let mut tried = Vec::new();
        for part in stored {
            let (mut is_untried, mut is_unsent) = (false, false);
            for notification in &part.notifications {
                self.addresses.add(notification.address(self.order));
                is_untried |= notification.is_untried();
                is_unsent |= notification.status.is_unsent();
            }
            if let Some(is_stored) = is_stored.get_mut(part.id.page) {
                *is_stored = true;
            }
            if is_untried {
                self.plan.push(part.id);
            } else if is_unsent {
                tried.push(part.id);
            }
        }
        for (page, is_stored) in is_stored.into_iter().enumerate() {
            if !is_stored {
                self.plan.push(PartId { page, part: 0 });
            }
        }
        self.plan.append(&mut tried);
        self.plan.reverse();
        Ok(())
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

    /// Leaves the rest of the order to a later attempt: as soon as the sender accepts emails again if
    /// a rate limit alone prevents progress, else after a pause of its own.
    async fn leave(mut self) -> Result<AttemptResult, AttemptError> {
        let now = self.now();
        if !self.may_write(now) {
            return Ok(self.stop());
        }
        let paused_until = self.context.sender_paused_until(now)?;
        let mut due = now;
        if !self.is_held && !self.pass.may_repeat() {
            let pause = retry::pause_seconds(self.state.progress.pauses);
            self.state.progress.pauses += 1;
            due = now.plus_seconds(if self.pass.is_limited {
                pause / 4
            } else {
                pause
            });
        } else if paused_until.is_none() {
            return self.release().await;
        }
        due = due.max(paused_until.unwrap_or(due));
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
        self.state.progress.blocked_until = BlockedUntil::None;
        self.context.set_state(self.order, &self.state).await?;
        self.log_end("unfinished", &"the next run continues");
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
