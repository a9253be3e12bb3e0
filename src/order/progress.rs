//! The progress of an order's delivery, between attempts.

use std::fmt;

use crate::{clock::SKEW_SECONDS, timestamp::Timestamp};

/// The progress that the next attempt continues from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// The number of attempts that have begun.
    pub attempts: u32,
    /// The number of attempts that left something for a later one.
    pub pauses: u32,
    /// Until when no other attempt may begin.
    pub blocked_until: BlockedUntil,
    /// The answer of the condition endpoint.
    pub condition: Condition,
}

/// Until when no attempt at an order may begin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BlockedUntil {
    /// An attempt may begin when the order is due.
    #[default]
    None,
    /// An attempt is under way. If it has not ended by then, it has crashed.
    Lease(Timestamp),
    /// The next attempt is due then, and the order is filed under that time.
    Pause(Timestamp),
}

impl fmt::Display for BlockedUntil {
    /// Writes the reason for the log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("not blocked"),
            Self::Lease(until) => write!(f, "leased until {until}"),
            Self::Pause(until) => write!(f, "paused until {until}"),
        }
    }
}

impl BlockedUntil {
    /// Returns whether it is after this instant, or may be by the clock of the host that has the lease.
    #[must_use]
    pub fn is_after(self, now: Timestamp) -> bool {
        match self {
            Self::None => false,
            Self::Lease(until) => until.plus_seconds(SKEW_SECONDS) > now,
            Self::Pause(until) => until > now,
        }
    }
}

/// The answer of an order's condition endpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Condition {
    /// It was not asked yet.
    #[default]
    Unasked,
    /// It was asked once, and its answer was inconclusive.
    Inconclusive,
    /// It no longer prevents delivery.
    Passed,
}
