//! The last run of the trigger: `eo:run`.

use serde::Serialize;

use super::{
    DeliveryStore, Key, KeyValue, StoreError,
    stored::{self, StoredRun},
    write,
};
use crate::timestamp::Timestamp;

/// A run of the trigger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub struct LastRun {
    /// When it ended.
    pub at: Timestamp,
    /// How many orders were due, of those that it looked at.
    pub due: usize,
    /// How many of them it worked on.
    pub processed: usize,
    /// Whether another run would have found more.
    pub more: bool,
}

impl<K: KeyValue> DeliveryStore<K> {
    /// Returns the last run of the trigger; None if there was none.
    pub fn last_run(&self) -> Result<Option<LastRun>, StoreError> {
        let key = key();
        let json = self.0.store.get(&key)?;
        json.map(|json| stored::run(&key, &json)).transpose()
    }

    /// Records the last run of the trigger.
    pub fn set_last_run(&self, run: &LastRun) -> Result<(), StoreError> {
        let entry = stored::entry(key(), &StoredRun::from(run))?;
        write::set(&self.0.store, vec![entry])
    }
}

fn key() -> Key {
    Key::of(format_args!("run"))
}
