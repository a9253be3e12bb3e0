//! Long walks through the store, beside the other requests of an instance.

use super::{StoreError, group_commit::turn};
use crate::timestamp::Timestamp;

/// The pace of a walk that makes many calls to the store.
///
/// While a call runs, nothing else does in its instance. Between two of them the instance's other
/// requests get their turn, and a walk whose time is over ends.
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
    /// A pace that makes no call after the deadline, and none after `enough_at` if something has
    /// been found.
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

    /// Whether so much is enough, of what there is `room` for.
    pub fn is_enough(&self, found: usize, room: usize) -> bool {
        found >= room || (found > 0 && (self.clock)() > self.enough_at)
    }

    /// Lets the other requests of the instance run. To be awaited before each call.
    pub(super) async fn step(&self) -> Result<(), Stopped> {
        turn().await;
        if (self.clock)() > self.deadline {
            return Err(Stopped::OutOfTime);
        }
        Ok(())
    }
}

/// Why a walk ended early.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Stopped {
    /// Its time was over.
    #[error("the time is over")]
    OutOfTime,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
