//! The result of an attempt.

use crate::order::ProcessingStatus;

/// The result of an attempt at an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptResult {
    /// The order is not due yet.
    NotDue,
    /// Another attempt has the order, its next attempt is due later, or it is settled.
    Skipped,
    /// The sender accepts no emails at the moment.
    SenderPaused,
    /// A later attempt continues. The order is filed under its time.
    Postponed,
    /// The next run of the trigger continues at once.
    Unfinished,
    /// Nothing more will be done for the order.
    Settled(ProcessingStatus),
}
