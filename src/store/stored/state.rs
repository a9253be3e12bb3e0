//! States of orders: `eo:state:<id>`.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{Unreadable, VERSION, member::members, read};
use crate::{
    order::{BlockedUntil, Condition, OrderState, ProcessingStatus, Progress},
    store::{Key, StoreError},
    timestamp::Timestamp,
};

/// The state of an order.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::store) struct StoredState {
    v: u8,
    status: ProcessingStatus,
    last_update: Timestamp,
    progress: StoredProgress,
}

/// The progress of its delivery.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct StoredProgress {
    attempts: u32,
    pauses: u32,
    hold: StoredHold,
    condition: StoredCondition,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum StoredHold {
    None,
    Lease(Timestamp),
    Pause(Timestamp),
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum StoredCondition {
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

/// Reads a state.
pub(in crate::store) fn state(key: &Key, json: &[u8]) -> Result<OrderState, StoreError> {
    read(key, json, read_state)
}

fn read_state(json: &[u8]) -> Result<OrderState, Unreadable> {
    let [status, last_update, progress] = members(json, ["status", "lastUpdate", "progress"])?;
    Ok(OrderState {
        status: status.parsed(processing_status)?,
        last_update: last_update.timestamp()?,
        progress: match progress.json() {
            Some(json) => read_progress(json)?,
            None => Progress::default(),
        },
    })
}

fn processing_status(name: &str) -> Option<ProcessingStatus> {
    Some(match name {
        "Registered" => ProcessingStatus::Registered,
        "Processing" => ProcessingStatus::Processing,
        "Completed" => ProcessingStatus::Completed,
        "SendConditionNotMet" => ProcessingStatus::SendConditionNotMet,
        "Cancelled" => ProcessingStatus::Cancelled,
        _ => return None,
    })
}

fn read_progress(json: &RawValue) -> Result<Progress, Unreadable> {
    let names = ["attempts", "pauses", "hold", "condition"];
    let [attempts, pauses, hold, condition] = members(json.get().as_bytes(), names)?;
    Ok(Progress {
        attempts: attempts.number()?,
        pauses: pauses.number()?,
        blocked_until: match hold.json().map(RawValue::get) {
            None | Some(r#""none""#) => BlockedUntil::None,
            Some(json) => {
                let [lease, pause] = members(json.as_bytes(), ["lease", "pause"])?;
                match lease.json() {
                    Some(_) => BlockedUntil::Lease(lease.timestamp()?),
                    None => BlockedUntil::Pause(pause.timestamp()?),
                }
            }
        },
        condition: match condition.json().map(RawValue::get) {
            None | Some(r#""unasked""#) => Condition::Unasked,
            Some(r#""inconclusive""#) => Condition::Inconclusive,
            Some(r#""passed""#) => Condition::Passed,
            Some(_) => return Err(condition.invalid()),
        },
    })
}
