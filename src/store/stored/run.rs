//! The last run of the trigger: `eo:run`.

use serde::{Deserialize, Serialize};

use super::VERSION;
use crate::{store::LastRun, timestamp::Timestamp};

/// The last run of the trigger.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::store) struct StoredRun {
    #[serde(skip_deserializing)]
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

impl From<StoredRun> for LastRun {
    fn from(run: StoredRun) -> Self {
        Self {
            at: run.at,
            due: run.due,
            processed: run.processed,
            more: run.more,
        }
    }
}
