//! States of orders: `eo:state:<id>`.

use serde::{Deserialize, Serialize};

use super::VERSION;
use crate::{
    order::{BlockedUntil, Condition, OrderState, ProcessingStatus, Progress},
    timestamp::Timestamp,
};

/// The state of an order.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::store) struct StoredState {
    #[serde(skip_deserializing)]
    v: u8,
    status: ProcessingStatus,
    last_update: Timestamp,
    #[serde(default)]
    progress: StoredProgress,
}

/// The progress of its delivery.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct StoredProgress {
    attempts: u32,
    pauses: u32,
    hold: StoredHold,
    condition: StoredCondition,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum StoredHold {
    #[default]
    None,
    Lease(Timestamp),
    Pause(Timestamp),
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum StoredCondition {
    #[default]
    Unasked,
    Inconclusive,
    Passed,
}

impl From<&OrderState> for StoredState {
    fn from(state: &OrderState) -> Self {
        let progress = state.progress;
        Self {
            v: VERSION,
            status: state.status,
            last_update: state.last_update,
            progress: StoredProgress {
                attempts: progress.attempts,
                pauses: progress.pauses,
                hold: match progress.blocked_until {
                    BlockedUntil::None => StoredHold::None,
                    BlockedUntil::Lease(until) => StoredHold::Lease(until),
                    BlockedUntil::Pause(until) => StoredHold::Pause(until),
                },
                condition: match progress.condition {
                    Condition::Unasked => StoredCondition::Unasked,
                    Condition::Inconclusive => StoredCondition::Inconclusive,
                    Condition::Passed => StoredCondition::Passed,
                },
            },
        }
    }
}

impl From<StoredState> for OrderState {
    fn from(stored: StoredState) -> Self {
        let progress = stored.progress;
        Self {
            status: stored.status,
            last_update: stored.last_update,
            progress: Progress {
                attempts: progress.attempts,
                pauses: progress.pauses,
                blocked_until: match progress.hold {
                    StoredHold::None => BlockedUntil::None,
                    StoredHold::Lease(until) => BlockedUntil::Lease(until),
                    StoredHold::Pause(until) => BlockedUntil::Pause(until),
                },
                condition: match progress.condition {
                    StoredCondition::Unasked => Condition::Unasked,
                    StoredCondition::Inconclusive => Condition::Inconclusive,
                    StoredCondition::Passed => Condition::Passed,
                },
            },
        }
    }
}
