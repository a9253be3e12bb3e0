//! The state of an order after its registration.

use serde::Serialize;

use super::{
    progress::{BlockedUntil, Progress},
    registered::Order,
};
use crate::timestamp::Timestamp;

/// The processing status of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub enum ProcessingStatus {
    /// Stored; no attempt has begun.
    Registered,
    /// Due; its notifications are being generated and sent.
    Processing,
    /// Processed; nothing is left to do.
    Completed,
    /// The condition endpoint said not to send.
    SendConditionNotMet,
    /// Its creator has cancelled it.
    Cancelled,
}

impl ProcessingStatus {
    /// Returns whether nothing is left to do for the order.
    #[must_use]
    pub fn is_final(self) -> bool {
        match self {
            Self::Registered | Self::Processing => false,
            Self::Completed | Self::SendConditionNotMet | Self::Cancelled => true,
        }
    }

    /// Returns a sentence that explains it.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::Registered => "The order is registered and waits for its send time.",
            Self::Processing => "The order is being processed.",
            Self::Completed => "The order is processed: every notification is sent, or cannot be.",
            Self::SendConditionNotMet => "The condition endpoint decided against sending.",
            Self::Cancelled => "The order was cancelled before it was processed.",
        }
    }
}

/// The state of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderState {
    /// The processing status.
    pub status: ProcessingStatus,
    /// The time of the last change of status.
    pub last_update: Timestamp,
    /// The progress of its delivery.
    pub progress: Progress,
}

/// How long before its send time an order can still be cancelled.
const CANCEL_MARGIN_SECONDS: i64 = 5 * 60;

/// Why an order cannot be cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotCancellable {
    /// It is being processed, or was processed.
    #[error("The processing of the order has begun, so it cannot be cancelled.")]
    Processed,
    /// It is too late.
    #[error("The send time is at most 5 minutes ahead, so the order can no longer be cancelled.")]
    Imminent,
}

/// Whether an order can be cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancellation {
    /// It can be cancelled.
    Possible,
    /// It is cancelled already.
    Done,
}

impl OrderState {
    /// Returns the state of an order without any attempt.
    #[must_use]
    pub fn registered(order: &Order) -> Self {
        Self {
            status: ProcessingStatus::Registered,
            last_update: order.created,
            progress: Progress::default(),
        }
    }

    /// Returns the state of an order whose first attempt belongs to the instance that stores it, until
    /// then.
    #[must_use]
    pub fn reserved(order: &Order, until: Timestamp) -> Self {
        let progress = Progress {
            attempts: 1,
            blocked_until: BlockedUntil::Lease(until),
            ..Progress::default()
        };
        Self {
            progress,
            ..Self::registered(order)
        }
    }

    /// Returns the state of an order that is cancelled now.
    #[must_use]
    pub fn cancelled(now: Timestamp) -> Self {
        Self {
            status: ProcessingStatus::Cancelled,
            last_update: now,
            progress: Progress::default(),
        }
    }

    /// Returns whether an order in this state can be cancelled, or why not.
    pub fn cancellation(
        self,
        order: &Order,
        now: Timestamp,
    ) -> Result<Cancellation, NotCancellable> {
        match self.status {
            ProcessingStatus::Cancelled => Ok(Cancellation::Done),
            ProcessingStatus::Registered => {
                if order.requested_send_time > now.plus_seconds(CANCEL_MARGIN_SECONDS) {
                    Ok(Cancellation::Possible)
                } else {
                    Err(NotCancellable::Imminent)
                }
            }
            ProcessingStatus::Processing
            | ProcessingStatus::Completed
            | ProcessingStatus::SendConditionNotMet => Err(NotCancellable::Processed),
        }
    }
}
