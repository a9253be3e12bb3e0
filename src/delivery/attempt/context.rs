//! The beginning of an attempt: its checks and its lease.

use super::{
    AttemptError, AttemptResult, InitialLease,
    error::During as _,
    leased_order::{LeasedOrder, Pass, is_over},
    log::Skip,
};
use crate::{
    clock::Clock,
    config::DeliverySettings,
    delivery::{Ports, SendGate, generate::Addresses, retry},
    log,
    order::{BlockedUntil, Order, OrderState, ProcessingStatus},
    store::{CLAIM_SECONDS, Claimed, KeyValue, SenderFault, Stores},
    timestamp::Timestamp,
    trace::TraceId,
};

/// The environment of attempts.
#[derive(Debug)]
pub struct DeliveryContext<'a, K, P> {
    /// The stores.
    pub stores: &'a Stores<K>,
    /// The ports.
    pub ports: &'a P,
    /// The gate of the instance's emails.
    pub gate: &'a SendGate,
    /// The trace of the request that causes the attempts. Orders that have a trace of their own are
    /// logged with that.
    pub trace: TraceId,
    /// No page is begun after this time, and no email waits for longer.
    pub deadline: Timestamp,
    /// What delivery is configured with.
    pub settings: DeliverySettings,
}

/// Waits until an order is due: no email is sent before.
pub async fn await_send_time(clock: &impl Clock, order: &Order) {
    // The clock may be set back meanwhile.
    while !order.is_due(clock.now()) {
        let time = order.requested_send_time.duration_since(clock.now());
        clock.sleep(time).await;
    }
}

impl<K, P> Clone for DeliveryContext<'_, K, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, P> Copy for DeliveryContext<'_, K, P> {}

impl<'a, K: KeyValue, P: Ports> DeliveryContext<'a, K, P> {
    /// Makes the first attempt at an order that was stored with this lease.
    pub async fn attempt_leased(
        self,
        order: &Order,
        InitialLease { mut state, until }: InitialLease,
    ) -> Result<AttemptResult, AttemptError> {
        if let Some(paused_until) = self.await_sender().await? {
            // Releases the lease, so that the next attempt can begin when the pause is over.
            state.progress.blocked_until = BlockedUntil::None;
            self.set_state(order, &state).await?;
            self.log_skip(order, Skip::SenderPaused(paused_until));
            return Ok(AttemptResult::SenderPaused);
        }
        self.begin(order, state, until, self.ports.now()).await
    }

    /// Attempts to deliver an order, if it is due and no other attempt has it.
    pub async fn attempt(self, order: &Order) -> Result<AttemptResult, AttemptError> {
        let now = self.ports.now();
        if !order.is_due(now) {
            self.log_skip(order, Skip::NotDue);
            return Ok(AttemptResult::NotDue);
        }
        if let Some(paused_until) = self.await_sender().await? {
            self.log_skip(order, Skip::SenderPaused(paused_until));
            return Ok(AttemptResult::SenderPaused);
        }
        let now = self.ports.now();
        let state = self.stores.orders.state(order);
        let mut state = state.during("reading the state")?;
        if state.status.is_final() {
            self.log_skip(order, Skip::Settled);
            return Ok(AttemptResult::Skipped);
        }
        if state == OrderState::registered(order) && InitialLease::may_exist(order, now) {
            self.log_skip(order, Skip::FirstAttempt);
            return Ok(AttemptResult::NotDue);
        }
        if state.progress.blocked_until.is_after(now) {
            self.log_skip(order, Skip::Blocked(state.progress.blocked_until));
            return Ok(AttemptResult::Skipped);
        }
        match self.claim_attempt(order, &state).await? {
            Claimed::Won => {}
            Claimed::Lost => {
                self.log_skip(order, Skip::ClaimLost);
                return Ok(AttemptResult::Skipped);
            }
            Claimed::Inconclusive(reason) => {
                self.log_problem(order, "claim inconclusive", &reason);
                return Ok(AttemptResult::Skipped);
            }
        }
        // Other attempts may have lost the claim at any time since `now`, so the lease starts there.
        let lease = now.plus_seconds(CLAIM_SECONDS);
        let now = self.ports.now();
        if is_over(lease, now) {
            self.log_problem(order, "lease over", &"the claim took too long");
            return Ok(AttemptResult::Skipped);
        }
        state.progress.attempts += 1;
        self.begin(order, state, lease, now).await
    }

    /// Claims the next attempt at an order, whose state must have been read just before.
    pub(super) async fn claim_attempt(
        self,
        order: &Order,
        state: &OrderState,
    ) -> Result<Claimed, AttemptError> {
        let attempts = state.progress.attempts;
        let clock = || self.ports.now();
        let leases = &self.stores.leases;
        let claimed = leases.claim_attempt(self.ports, order.id, attempts, clock);
        claimed.await.during("claiming the attempt")
    }

    async fn begin(
        self,
        order: &Order,
        mut state: OrderState,
        lease: Timestamp,
        now: Timestamp,
    ) -> Result<AttemptResult, AttemptError> {
        state.status = ProcessingStatus::Processing;
        state.last_update = now;
        self.lease(order, state, lease).deliver().await
    }

    /// Returns an order that is leased until `lease`.
    pub(super) fn lease<'o>(
        self,
        order: &'o Order,
        state: OrderState,
        lease: Timestamp,
    ) -> LeasedOrder<'o, K, P>
    where
        'a: 'o,
    {
        LeasedOrder {
            context: self,
            order,
            state,
            lease,
            begun_at: state.last_update,
            plan: Vec::new(),
            open: Vec::new(),
            pass: Pass::default(),
            is_held: false,
            addresses: Addresses::default(),
        }
    }

    /// Tells whether failures are final by now.
    pub(in crate::delivery) fn is_given_up(self, order: &Order, now: Timestamp) -> bool {
        let seconds = i64::from(self.settings.give_up_hours) * 60 * 60;
        now >= order.requested_send_time.plus_seconds(seconds)
    }

    /// Waits for the end of the sender's pause, if that is before the deadline; else returns it.
    async fn await_sender(self) -> Result<Option<Timestamp>, AttemptError> {
        loop {
            let now = self.ports.now();
            match self.sender_paused_until(now)? {
                Some(until) if until <= self.deadline => {
                    self.ports.sleep(until.duration_since(now)).await;
                }
                later => return Ok(later),
            }
        }
    }

    /// Returns when the sender accepts emails again, if that is in the future.
    pub(super) fn sender_paused_until(
        self,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, AttemptError> {
        let limit = self.stores.deliveries.sender_limit();
        let Some(limit) = limit.during("reading the sender's limit")? else {
            return Ok(None);
        };
        self.gate.learn(limit);
        Ok(Some(limit.until).filter(|until| *until > now))
    }

    /// Pauses the sender after a rate limit, in every instance.
    pub(super) fn pause_sender(self, order: &Order, seconds: Option<u32>) {
        let now = self.ports.now();
        let until = retry::rate_limited_until(seconds, now);
        let stored = self.sender_paused_until(now).and_then(|_| {
            let limit = self.gate.refuse(now, until);
            let stored = self.stores.deliveries.set_sender_limit(limit);
            stored.during("storing the sender's limit")
        });
        if let Err(error) = stored {
            // The limit holds in this instance.
            self.gate.refuse(now, until);
            self.log_problem(order, "rate limit not shared", &error);
        }
    }

    /// Reports a configuration fault of the sender, for the log and for the health report.
    pub(super) fn report_fault(self, order: &Order, reason: &str) {
        let at = self.ports.now();
        if !self.gate.is_news(at, reason) {
            return;
        }
        self.log_fault(order, "sender misconfigured", &reason);
        let fault = SenderFault {
            at,
            reason: log::masked_text(reason),
        };
        let stored = self.stores.deliveries.set_sender_fault(&fault);
        if let Err(error) = stored {
            self.log_problem(order, "fault not stored", &error);
        }
    }

    /// Takes in that an email has left that had failed before: a fault is corrected by now.
    pub(super) fn clear_fault(self, order: &Order) {
        if let Err(error) = self.stores.deliveries.clear_sender_fault() {
            self.log_problem(order, "fault not cleared", &error);
        }
    }

    /// Stores the state of an order.
    pub(super) async fn set_state(
        self,
        order: &Order,
        state: &OrderState,
    ) -> Result<(), AttemptError> {
        let stored = self.stores.orders.set_state(order.id, state).await;
        stored.during("storing the state")
    }
}
