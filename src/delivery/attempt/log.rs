//! The log lines of attempts. Each has the trace, the order and the creator.

use std::{
    fmt::{self, Display},
    time::Duration,
};

use super::{AttemptError, DeliveryContext};
use crate::{
    log::{self, Line},
    order::{BlockedUntil, Notification, Order, OrderId},
    timestamp::Timestamp,
};

/// Why an order is skipped.
#[derive(Debug, Clone, Copy)]
pub(super) enum Skip {
    NotDue,
    SenderPaused(Timestamp),
    Settled,
    FirstAttempt,
    Blocked(BlockedUntil),
    ClaimLost,
}

impl Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotDue => f.write_str("not due"),
            Self::SenderPaused(until) => write!(f, "the sender is paused until {until}"),
            Self::Settled => f.write_str("settled"),
            Self::FirstAttempt => f.write_str("the first attempt is its creator's"),
            Self::Blocked(until) => until.fmt(f),
            Self::ClaimLost => f.write_str("another attempt won the claim"),
        }
    }
}

impl<K, P> DeliveryContext<'_, K, P> {
    /// Logs that an order is skipped.
    pub(super) fn log_skip(self, order: &Order, reason: Skip) {
        self.about(order, log::debug("order skipped"))
            .reason(&reason)
            .write();
    }

    /// Logs a problem that a later attempt may not have.
    pub(super) fn log_problem(self, order: &Order, result: &str, reason: &dyn Display) {
        self.about(order, log::warn("order attempt"))
            .result(result)
            .reason(reason)
            .write();
    }

    /// Logs a fault that an operator must correct.
    pub(super) fn log_fault(self, order: &Order, event: &'static str, reason: &dyn Display) {
        self.about(order, log::error(event)).reason(reason).write();
    }

    /// Logs the end of an attempt.
    pub(super) fn log_end(
        self,
        order: &Order,
        result: &str,
        reason: &dyn Display,
        duration: Duration,
    ) {
        self.about(order, log::info("order attempt"))
            .result(result)
            .reason(reason)
            .duration(duration)
            .write();
    }

    /// Logs the result of a notification. It has no duration if the email was not sent.
    pub(super) fn log_notification(
        self,
        order: &Order,
        notification: &Notification,
        reason: &str,
        duration: Option<Duration>,
    ) {
        let mut line = self
            .about(order, log::info("notification attempt"))
            .notification(notification.id)
            .recipient(notification.address(order))
            .result(notification.status.name())
            .reason(&reason);
        if let Some(duration) = duration {
            line = line.duration(duration);
        }
        line.write();
    }

    /// Logs that the store failed. `order` is the order, if it could be read.
    pub fn log_failure(
        self,
        event: &'static str,
        id: OrderId,
        order: Option<&Order>,
        error: &AttemptError,
    ) {
        let line = log::error(event);
        match order {
            Some(order) => self.about(order, line),
            None => line.trace(self.trace).order(id),
        }
        .reason(error)
        .write();
    }

    fn about<'l>(self, order: &'l Order, line: Line<'l>) -> Line<'l> {
        line.trace(order.trace.unwrap_or(self.trace))
            .order(order.id)
            .creator(&order.creator)
    }
}
