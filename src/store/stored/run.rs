//! The last run of the trigger: `eo:run`.

use serde::Serialize;

use super::{VERSION, member::members, read};
use crate::{
    store::{Key, LastRun, StoreError},
    timestamp::Timestamp,
};

/// The last run of the trigger.
#[derive(Debug, Serialize)]
pub(in crate::store) struct StoredRun {
    v: u8,
    at: Timestamp,
    due: usize,
    processed: usize,
    more: bool,
}

impl From<&LastRun> for StoredRun {
    fn from(run: &LastRun) -> Self {
        Self {
            v: VERSION,
            at: run.at,
            due: run.due,
            processed: run.processed,
            more: run.more,
        }
    }
}

/// Reads a run.
pub(in crate::store) fn run(key: &Key, json: &[u8]) -> Result<LastRun, StoreError> {
    read(key, json, |json| {
        let [at, due, processed, more] = members(json, ["at", "due", "processed", "more"])?;
        Ok(LastRun {
            at: at.timestamp()?,
            due: due.number()?,
            processed: processed.number()?,
            more: more.optional_flag()?.unwrap_or_default(),
        })
    })
}
