//! The pace of operations that make many calls to the store.

use super::{StoreError, yield_now::yield_now};
use crate::timestamp::Timestamp;

/// The pace of an operation that makes many calls to the store.
///
/// While a call runs, nothing else runs in the instance. Between two calls the operation yields to
/// the other requests, and it ends when its time is over.
pub struct Pace<'a> {
    clock: &'a (dyn Fn() -> Timestamp + Send + Sync),
    enough_at: Timestamp,
    deadline: Timestamp,
}

impl std::fmt::Debug for Pace<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pace(until {})", self.deadline)
    }
}

impl<'a> Pace<'a> {
    /// Returns a pace that allows no call after the deadline, and none after `enough_at` once
    /// something was found.
    pub fn new(
        clock: &'a (dyn Fn() -> Timestamp + Send + Sync),
        enough_at: Timestamp,
        deadline: Timestamp,
    ) -> Self {
        Self {
            clock,
            enough_at,
            deadline,
        }
    }

    /// Returns whether the operation may end after it has found so many of at most `room`.
    pub fn is_enough(&self, found: usize, room: usize) -> bool {
        found >= room || (found > 0 && (self.clock)() > self.enough_at)
    }

    /// Yields to the other requests, and returns an error if the time is over. Must be awaited before
    /// each call.
    pub(super) async fn step(&self) -> Result<(), Stopped> {
        yield_now().await;
        if (self.clock)() > self.deadline {
            return Err(Stopped::OutOfTime);
        }
        Ok(())
    }
}

/// Why an operation ended early.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Stopped {
    /// The deadline has passed.
    #[error("the deadline has passed")]
    OutOfTime,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
