//! What becomes of an order after it was registered.

use serde::{Deserialize, Serialize};

use super::{
    progress::{Hold, Progress},
    registered::Order,
};
use crate::timestamp::Timestamp;

/// How far an order has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub enum ProcessingStatus {
    /// Stored; nothing has been done.
    Registered,
    /// It is due, and its notifications are being made and sent.
    Processing,
    /// Nothing more will be done.
    Completed,
    /// The condition endpoint said not to send.
    SendConditionNotMet,
    /// Its creator has cancelled it.
    Cancelled,
}

impl ProcessingStatus {
    /// Whether nothing more is ever done for the order.
    #[must_use]
    pub fn is_final(self) -> bool {
        match self {
            Self::Registered | Self::Processing => false,
            Self::Completed | Self::SendConditionNotMet | Self::Cancelled => true,
        }
    }

    /// What it means, in a sentence.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::Registered => "The order is registered and waits for its send time.",
            Self::Processing => "The order is being processed.",
            Self::Completed => "The order is processed: every notification is sent, or cannot be.",
            Self::SendConditionNotMet => {
                "The condition endpoint said that the notifications shall not be sent."
            }
            Self::Cancelled => "The order was cancelled before it was processed.",
        }
    }
}

/// An order's state, since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderState {
    /// How far it has come.
    pub status: ProcessingStatus,
    /// When that was found.
    pub last_update: Timestamp,
    /// Where its delivery stands.
    pub progress: Progress,
}

/// How long before its send time an order can still be cancelled.
const CANCEL_MARGIN_SECONDS: i64 = 5 * 60;

/// Why an order cannot be cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotCancellable {
    /// It is being processed, or has been.
    #[error("The order is already being processed, so it cannot be cancelled.")]
    Processed,
    /// It is too late.
    #[error("The order is sent within 5 minutes, so it cannot be cancelled any more.")]
    Imminent,
}

/// What asking to cancel comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancellation {
    /// It can be.
    Possible,
    /// It already is.
    Done,
}

impl OrderState {
    /// The state of an order that nothing has been done for.
    #[must_use]
    pub fn registered(order: &Order) -> Self {
        Self {
            status: ProcessingStatus::Registered,
            last_update: order.created,
            progress: Progress::default(),
        }
    }

    /// The state of an order whose first attempt belongs to whoever stores it, until then.
    #[must_use]
    pub fn reserved(order: &Order, until: Timestamp) -> Self {
        let progress = Progress {
            attempts: 1,
            hold: Hold::Lease(until),
            ..Progress::default()
        };
        Self {
            progress,
            ..Self::registered(order)
        }
    }

    /// The state of an order that is cancelled now.
    #[must_use]
    pub fn cancelled(now: Timestamp) -> Self {
        Self {
            status: ProcessingStatus::Cancelled,
            last_update: now,
            progress: Progress::default(),
        }
    }

    /// Whether an order in this state can be cancelled.
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
