//! The last configuration fault of the sender: `eo:fault`.

use serde::Serialize;

use super::{DeliveryStore, Key, KeyValue, StoreError, write};
use crate::timestamp::Timestamp;

/// A fault of the sender that someone has to correct, such as a wrong key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub struct SenderFault {
    /// When the sender named it last.
    pub at: Timestamp,
    /// The sender's text, without what identifies a person.
    pub reason: String,
}

impl<K: KeyValue> DeliveryStore<K> {
    /// Returns the last configuration fault, unless an email that had failed has left since.
    pub fn sender_fault(&self) -> Result<Option<SenderFault>, StoreError> {
        let value = self.0.store.get(&key())?;
        Ok(value.and_then(|text| {
            let text = String::from_utf8(text).ok()?;
            let (at, reason) = text.split_once(' ')?;
            Some(SenderFault {
                at: Timestamp::from_unix_seconds(at.parse().ok()?)?,
                reason: reason.to_owned(),
            })
        }))
    }

    /// Stores a configuration fault.
    pub fn set_sender_fault(&self, fault: &SenderFault) -> Result<(), StoreError> {
        let text = format!("{} {}", fault.at.unix_seconds(), fault.reason);
        write::set(&self.0.store, vec![(key(), text.into_bytes())])
    }

    /// Removes the last configuration fault, if there is one.
    pub fn clear_sender_fault(&self) -> Result<(), StoreError> {
        let key = key();
        if self.0.store.get(&key)?.is_some() {
            self.0.store.delete_many(&[key])?;
        }
        Ok(())
    }
}

fn key() -> Key {
    Key::of(format_args!("fault"))
}
