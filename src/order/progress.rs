//! Where the delivery of an order stands between its attempts.

use crate::timestamp::Timestamp;

/// What the next attempt goes on from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// How many attempts have begun.
    pub attempts: u32,
    /// How many of them left something for a later one.
    pub pauses: u32,
    /// Until when nobody begins another.
    pub hold: Hold,
    /// What the condition endpoint has said.
    pub condition: Condition,
}

/// Until when an order is left alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Hold {
    /// No longer than until it is due.
    #[default]
    None,
    /// An attempt is under way; if it is not over by then, it has crashed.
    Lease(Timestamp),
    /// The next attempt is then, and the order is filed under that time.
    Pause(Timestamp),
}

impl Hold {
    /// Whether it holds at this instant.
    #[must_use]
    pub fn holds(self, now: Timestamp) -> bool {
        match self {
            Self::None => false,
            Self::Lease(until) | Self::Pause(until) => until > now,
        }
    }
}

/// Whether an order's condition has been asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Condition {
    /// Not yet.
    #[default]
    Unasked,
    /// Once, without an answer that says anything.
    Inconclusive,
    /// It stands in the way no more.
    Passed,
}
