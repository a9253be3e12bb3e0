//! One attempt at one order.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::{StreamExt as _, stream};

use super::{
    ContactsError, Email, Ports, Progress as SendProgress, Receipt, SendFailure, condition,
    generate, keywords::Keywords, retry,
};
use crate::{
    log,
    order::{
        BlockedUntil, Condition, Notification, NotificationId, NotificationStatus, Order,
        OrderState, ProcessingStatus,
    },
    store::{CLAIM_SECONDS, Claimed, KeyValue, PAGE, Page, StoreError, Stores},
    timestamp::Timestamp,
    trace::TraceId,
};

/// For how long an attempt has an order to itself, from the last page that it has stored. Longer
/// than a page takes, whose sends are each bounded.
const LEASE_SECONDS: i64 = 120;

/// How long before the end of its lease an attempt writes nothing more: a write may have to wait.
const MARGIN_SECONDS: i64 = 5;

/// How many emails of an order are being sent at once.
const SENDS_AT_ONCE: usize = 8;

/// How long after a condition endpoint that said nothing it is asked again.
const CONDITION_PAUSE_SECONDS: i64 = 60;

/// What an attempt needs.
#[derive(Debug)]
pub struct DeliveryContext<'a, K, O> {
    /// The orders.
    pub stores: &'a Stores<K>,
    /// The world.
    pub ports: &'a O,
    /// The trace that the log shows.
    pub trace: TraceId,
    /// After this, no page is begun.
    pub deadline: Timestamp,
}

impl<K, O> Clone for DeliveryContext<'_, K, O> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, O> Copy for DeliveryContext<'_, K, O> {}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptResult {
    /// It is not due yet.
    NotDue,
    /// It is somebody else's, or nobody's until later, or nothing is left to do.
    Skipped,
    /// The sender takes nothing for now.
    SenderPaused,
    /// The rest is for a later attempt, which the order is filed for.
    Postponed,
    /// The rest is for the next attempt, at once.
    Unfinished,
    /// Nothing more will be done for it.
    Settled(ProcessingStatus),
}

/// The right to the first attempt at an order, for whoever stores it: it is stored with the order,
/// so that it need not be claimed.
#[derive(Debug, Clone, Copy)]
pub struct InitialLease {
    state: OrderState,
    lease: Timestamp,
}

impl InitialLease {
    /// The right to an order that is due at once, and whose id nobody else can have.
    #[must_use]
    pub fn of(order: &Order, now: Timestamp) -> Option<Self> {
        let lease = now.plus_seconds(CLAIM_SECONDS);
        order.is_due(now).then(|| Self {
            state: OrderState::reserved(order, lease),
            lease,
        })
    }

    /// What is to be stored with the order.
    #[must_use]
    pub fn state(&self) -> &OrderState {
        &self.state
    }
}

impl<K: KeyValue, O: Ports> DeliveryContext<'_, K, O> {
    /// Makes the first attempt at an order that was stored with this reservation.
    pub async fn attempt_leased(
        self,
        order: &Order,
        InitialLease { mut state, lease }: InitialLease,
    ) -> Result<AttemptResult, StoreError> {
        let now = self.ports.now();
        if self
            .stores
            .deliveries
            .sender_pause()?
            .is_some_and(|until| until > now)
        {
            // Whoever comes when it takes something again need not wait for the lease.
            state.progress.blocked_until = BlockedUntil::None;
            self.stores.orders.set_state(order.id, &state).await?;
            return Ok(AttemptResult::SenderPaused);
        }
        self.begin(order, state, lease, now).await
    }

    /// Attempts to deliver an order, if that is due and nobody else is at it.
    pub async fn attempt(self, order: &Order) -> Result<AttemptResult, StoreError> {
        let now = self.ports.now();
        if !order.is_due(now) {
            return Ok(AttemptResult::NotDue);
        }
        if self
            .stores
            .deliveries
            .sender_pause()?
            .is_some_and(|until| until > now)
        {
            return Ok(AttemptResult::SenderPaused);
        }
        let mut state = self.stores.orders.state(order)?;
        if state.status.is_final() || state.progress.blocked_until.is_after(now) {
            return Ok(AttemptResult::Skipped);
        }
        let attempts = state.progress.attempts;
        let clock = || self.ports.now();
        let claimed = self
            .stores
            .leases
            .claim_attempt(self.ports, order.id, attempts, clock);
        match claimed.await? {
            Claimed::Won => {}
            Claimed::Lost => return Ok(AttemptResult::Skipped),
            Claimed::Inconclusive(why) => {
                self.log(order, None, "claim inconclusive", &why);
                return Ok(AttemptResult::Skipped);
            }
        }
        // The lease runs from before the claim: another one may have lost it at once.
        let lease = now.plus_seconds(CLAIM_SECONDS);
        let now = self.ports.now();
        if is_over(lease, now) {
            return Ok(AttemptResult::Skipped);
        }
        state.progress.attempts += 1;
        self.begin(order, state, lease, now).await
    }

    async fn begin(
        self,
        order: &Order,
        mut state: OrderState,
        lease: Timestamp,
        now: Timestamp,
    ) -> Result<AttemptResult, StoreError> {
        state.status = ProcessingStatus::Processing;
        state.last_update = now;
        LeasedOrder {
            context: self,
            order,
            state,
            lease,
        }
        .deliver()
        .await
    }

    fn log(self, order: &Order, notification: Option<&Notification>, result: &str, reason: &str) {
        let event = match notification {
            Some(_) => "notification attempt",
            None => "order attempt",
        };
        let mut line = log::info(event)
            .trace(self.trace)
            .order(order.id)
            .result(result)
            .reason(&reason);
        if let Some(notification) = notification {
            line = line
                .notification(notification.id)
                .recipient(notification.address(order));
        }
        line.write();
    }
}

/// An order that is this attempt's alone, until its lease is over.
struct LeasedOrder<'a, K, O> {
    context: DeliveryContext<'a, K, O>,
    order: &'a Order,
    /// As it is to be stored.
    state: OrderState,
    /// Until when nobody else can have it.
    lease: Timestamp,
}

/// How a page was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PageResult {
    Settled,
    /// Something in it is for a later attempt.
    Open,
    /// The sender takes nothing before this.
    RateLimited(Timestamp),
    /// Another attempt may have the order by now.
    LeaseOver,
}

impl<K: KeyValue, O: Ports> LeasedOrder<'_, K, O> {
    async fn deliver(mut self) -> Result<AttemptResult, StoreError> {
        if let Some(outcome) = self.ask_condition().await? {
            return Ok(outcome);
        }
        let pages = self.order.recipients.len().div_ceil(PAGE);
        let mut is_open = false;
        for number in 0..pages {
            if number > 0 {
                let now = self.now();
                if now > self.context.deadline {
                    return self.let_go().await;
                }
                let sender_takes = self.context.stores.deliveries.sender_pause()?;
                if sender_takes.is_some_and(|until| until > now) {
                    return self.postpone(sender_takes).await;
                }
            }
            let closes = number + 1 == pages && !is_open;
            match self.deliver_page(number, closes).await? {
                PageResult::Settled => {}
                PageResult::Open => is_open = true,
                PageResult::RateLimited(until) => return self.postpone(Some(until)).await,
                PageResult::LeaseOver => return Ok(AttemptResult::Skipped),
            }
        }
        if is_open {
            return self.postpone(None).await;
        }
        self.log_outcome("completed");
        Ok(AttemptResult::Settled(ProcessingStatus::Completed))
    }

    fn now(&self) -> Timestamp {
        self.context.ports.now()
    }

    /// Asks whether to send at all, until that is known or has been asked twice.
    async fn ask_condition(&mut self) -> Result<Option<AttemptResult>, StoreError> {
        let asked = self.state.progress.condition;
        let endpoint = self.order.condition_endpoint.as_ref();
        let Some(endpoint) = endpoint.filter(|_| asked != Condition::Passed) else {
            return Ok(None);
        };
        // The order may be of a version that took more.
        let answer = match endpoint.url() {
            Ok(url) => {
                let answer = self.context.ports.fetch_condition(&url).await;
                answer.map_err(|error| error.to_string())
            }
            Err(error) => Err(format!("the condition endpoint {error}")),
        };
        let decision = match &answer {
            Ok(body) => condition::decision(body),
            Err(_) => None,
        };
        match decision {
            Some(false) => {
                self.settle(ProcessingStatus::SendConditionNotMet);
                self.context
                    .stores
                    .orders
                    .set_state(self.order.id, &self.state)
                    .await?;
                self.log_outcome("send condition not met");
                Ok(Some(AttemptResult::Settled(self.state.status)))
            }
            None if asked == Condition::Unasked => {
                self.state.progress.condition = Condition::Inconclusive;
                let now = self.now();
                let due = now.plus_seconds(CONDITION_PAUSE_SECONDS);
                self.postpone_until(due, now).await?;
                self.context.log(
                    self.order,
                    None,
                    "send condition inconclusive",
                    &answer.err().unwrap_or_default(),
                );
                Ok(Some(AttemptResult::Postponed))
            }
            Some(true) | None => {
                self.state.progress.condition = Condition::Passed;
                Ok(None)
            }
        }
    }

    /// Generates a page that there is none of yet, and sends what is unsent in it. The order is
    /// completed with it if this is what `closes` it.
    async fn deliver_page(
        &mut self,
        number: usize,
        closes: bool,
    ) -> Result<PageResult, StoreError> {
        let stores = self.context.stores;
        let found = stores.deliveries.page(self.order.id, number)?;
        let is_new = found.is_none();
        let mut notifications = match found {
            Some(notifications) => notifications,
            None => match self.generate(number).await {
                Some(notifications) => notifications,
                None => return Ok(PageResult::Open),
            },
        };
        let mut provider_ids = Vec::new();
        let mut limit = None;
        let sends = is_any_unsent(&notifications);
        if !(sends || is_new || closes) {
            return Ok(PageResult::Settled);
        }
        if sends {
            let now = self.now();
            for notification in &mut notifications {
                if notification.status.is_unsent() {
                    notification.set(NotificationStatus::Sending, now);
                }
            }
            let begun = self.store_page(number, &notifications, is_new, &[]);
            if !begun.await? {
                return Ok(PageResult::LeaseOver);
            }
            (provider_ids, limit) = self.send_all(&mut notifications).await;
        }
        let is_open = is_any_unsent(&notifications);
        if closes && !is_open {
            self.settle(ProcessingStatus::Completed);
        }
        let is_new = is_new && !sends;
        let write = self.store_page(number, &notifications, is_new, &provider_ids);
        let is_stored = write.await?;
        Ok(match (is_stored, limit) {
            (false, _) => PageResult::LeaseOver,
            (true, Some(until)) if is_open => PageResult::RateLimited(until),
            (true, _) if is_open => PageResult::Open,
            (true, _) => PageResult::Settled,
        })
    }

    /// Stores a page and renews the lease, unless that is over.
    async fn store_page(
        &mut self,
        number: usize,
        notifications: &[Notification],
        is_new: bool,
        provider_ids: &[(NotificationId, String)],
    ) -> Result<bool, StoreError> {
        let now = self.now();
        if !self.is_mine(now) {
            return Ok(false);
        }
        self.lease = now.plus_seconds(LEASE_SECONDS);
        if !self.state.status.is_final() {
            self.state.progress.blocked_until = BlockedUntil::Lease(self.lease);
        }
        let page = Page {
            number,
            notifications,
            is_new,
            provider_ids,
        };
        let stores = self.context.stores;
        stores
            .deliveries
            .set_page(self.order.id, page, &self.state)
            .await?;
        Ok(true)
    }

    /// The notifications of a page; None if contacts have to be looked up and cannot be now.
    async fn generate(&self, number: usize) -> Option<Vec<Notification>> {
        let identifiers = generate::identifiers(self.order, number);
        let contacts = if identifiers.is_empty() {
            Ok(Vec::new())
        } else {
            self.context.ports.look_up_contacts(identifiers).await
        };
        let now = self.now();
        match contacts {
            Ok(contacts) => {
                let all = generate::notifications(self.order, number, Some(contacts), now);
                Some(all)
            }
            Err(ContactsError(reason)) => {
                self.context
                    .log(self.order, None, "contacts not looked up", &reason);
                retry::is_given_up(self.order, now)
                    .then(|| generate::notifications(self.order, number, None, now))
            }
        }
    }

    /// Sends what is marked so; gives what the provider calls them, and until when it takes no
    /// more.
    async fn send_all(
        &self,
        notifications: &mut [Notification],
    ) -> (Vec<(NotificationId, String)>, Option<Timestamp>) {
        let limited = AtomicBool::new(false);
        let sending = notifications
            .iter_mut()
            .filter(|notification| notification.status == NotificationStatus::Sending);
        let mut sends = Vec::new();
        for notification in sending {
            sends.push(self.send(notification, &limited));
        }
        let results: Vec<_> = stream::iter(sends)
            .buffer_unordered(SENDS_AT_ONCE)
            .collect()
            .await;
        let now = self.now();
        let given_up = retry::is_given_up(self.order, now);
        let mut provider_ids = Vec::new();
        let mut limit: Option<Timestamp> = None;
        for (notification, result) in results {
            let (status, reason) = match result {
                None => (NotificationStatus::New, None),
                Some(Ok(receipt)) => {
                    let Receipt {
                        progress,
                        provider_id,
                    } = receipt;
                    provider_ids.extend(provider_id.map(|name| (notification.id, name)));
                    let status = match progress {
                        SendProgress::Accepted => NotificationStatus::Succeeded,
                        SendProgress::Delivered => NotificationStatus::Delivered,
                    };
                    (status, None)
                }
                Some(Err(failure)) => {
                    if let SendFailure::RateLimited(seconds) = failure {
                        let until = retry::rate_limited_until(seconds, now);
                        limit = limit.max(Some(until));
                    }
                    failed(failure, given_up)
                }
            };
            notification.set(status, now);
            self.context.log(
                self.order,
                Some(notification),
                status.name(),
                reason.as_deref().unwrap_or_default(),
            );
        }
        (provider_ids, limit)
    }

    /// Sends one email, unless the sender takes no more.
    async fn send<'n>(
        &self,
        notification: &'n mut Notification,
        limited: &AtomicBool,
    ) -> (&'n mut Notification, Option<Result<Receipt, SendFailure>>) {
        if limited.load(Ordering::Relaxed) {
            return (notification, None);
        }
        let email = email(self.order, notification);
        let result = self.context.ports.send_email(email).await;
        if matches!(result, Err(SendFailure::RateLimited(_))) {
            limited.store(true, Ordering::Relaxed);
        }
        (notification, Some(result))
    }

    /// Whether no other attempt can have been begun.
    fn is_mine(&self, now: Timestamp) -> bool {
        !is_over(self.lease, now)
    }

    fn settle(&mut self, status: ProcessingStatus) {
        self.state.status = status;
        self.state.last_update = self.now();
        self.state.progress.blocked_until = BlockedUntil::None;
    }

    /// Files the order for a later attempt; not before the sender takes something again.
    async fn postpone(
        mut self,
        sender_takes: Option<Timestamp>,
    ) -> Result<AttemptResult, StoreError> {
        let now = self.now();
        if !self.is_mine(now) {
            return Ok(AttemptResult::Skipped);
        }
        if let Some(until) = sender_takes {
            self.context.stores.deliveries.set_sender_pause(until)?;
        }
        let pause = now.plus_seconds(retry::pause_seconds(self.state.progress.pauses));
        let due = sender_takes.map_or(pause, |until| until.max(pause));
        self.state.progress.pauses += 1;
        self.postpone_until(due, now).await?;
        self.log_outcome("postponed");
        Ok(AttemptResult::Postponed)
    }

    async fn postpone_until(&mut self, due: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        self.state.progress.blocked_until = BlockedUntil::Pause(due);
        let stores = self.context.stores;
        stores
            .orders
            .postpone(self.order.id, &self.state, due, now)
            .await
    }

    /// Leaves the rest to whoever comes next.
    async fn let_go(mut self) -> Result<AttemptResult, StoreError> {
        let now = self.now();
        if !self.is_mine(now) {
            return Ok(AttemptResult::Skipped);
        }
        self.state.progress.blocked_until = BlockedUntil::Lease(now);
        self.context
            .stores
            .orders
            .set_state(self.order.id, &self.state)
            .await?;
        self.log_outcome("unfinished");
        Ok(AttemptResult::Unfinished)
    }

    fn log_outcome(&self, result: &str) {
        self.context.log(self.order, None, result, "");
    }
}

/// Returns whether a lease is over, or so nearly that nothing more may be written.
fn is_over(lease: Timestamp, now: Timestamp) -> bool {
    now.plus_seconds(MARGIN_SECONDS) >= lease
}

fn is_any_unsent(notifications: &[Notification]) -> bool {
    let mut statuses = notifications.iter().map(|notification| notification.status);
    statuses.any(NotificationStatus::is_unsent)
}

/// What becomes of a notification that was not sent, and why.
fn failed(failure: SendFailure, given_up: bool) -> (NotificationStatus, Option<String>) {
    let unless_given_up = |status| {
        if given_up {
            NotificationStatus::Failed
        } else {
            status
        }
    };
    match failure {
        SendFailure::InvalidAddress(why) => (NotificationStatus::InvalidEmailFormat, Some(why)),
        SendFailure::Suppressed(why) => (NotificationStatus::SuppressedRecipient, Some(why)),
        SendFailure::Bounced(why) => (NotificationStatus::Bounced, Some(why)),
        SendFailure::TooLarge(why) | SendFailure::Rejected(why) => {
            (NotificationStatus::Failed, Some(why))
        }
        SendFailure::RateLimited(_) => (unless_given_up(NotificationStatus::New), None),
        SendFailure::Transient(why) => {
            let status = unless_given_up(NotificationStatus::TransientError);
            (status, Some(why))
        }
    }
}

fn email(order: &Order, notification: &Notification) -> Email {
    let keywords = notification
        .ordered(order)
        .and_then(|recipient| Keywords::of(recipient, notification.name.as_deref()));
    let (subject, body) = match keywords {
        None => (order.subject.clone(), order.body.clone()),
        Some(keywords) => (
            keywords.in_subject(&order.subject),
            keywords.in_body(&order.body, order.content_type),
        ),
    };
    Email {
        notification: notification.id,
        from: order.from_address.as_str().to_owned(),
        to: notification.address(order).to_owned(),
        subject,
        body,
        content_type: order.content_type,
    }
}
