//! The orders in a store.

use std::sync::{Mutex, PoisonError};

use super::{Key, KeyValue, Lane, StoreError, due, reference};
use crate::{
    order::{Order, OrderId},
    timestamp::Timestamp,
};

/// The orders in a key-value store; one value per instance of the component.
#[derive(Debug)]
pub struct Orders<K> {
    store: K,
    lane: Mutex<Lane>,
}

impl<K: KeyValue> Orders<K> {
    /// The orders in this store.
    pub fn new(store: K) -> Self {
        Self {
            store,
            lane: Mutex::default(),
        }
    }

    /// Stores an order together with what finds it, in one write.
    ///
    /// When this returns `Ok`, everything is stored as durably as the provider stores anything.
    pub fn insert(&self, order: &Order, now: Timestamp) -> Result<(), StoreError> {
        let mut lane = self.lane.lock().unwrap_or_else(PoisonError::into_inner);
        let mut entries = Vec::new();
        if let Some(reference) = order.senders_reference.as_deref().filter(|r| !r.is_empty()) {
            entries.extend(reference::file(
                &self.store,
                &order.id,
                &order.creator,
                reference,
                &lane,
            )?);
        }
        let filing = due::file(order.id, order.requested_send_time, now, &lane);
        entries.extend(filing.entries());
        entries.push((order_key(&order.id), to_json(order)?));
        self.store.set_many(entries)?;
        lane.remember(filing.bucket, filing.markers);
        Ok(())
    }

    /// The order of this id, whoever's it is.
    pub fn get(&self, id: &OrderId) -> Result<Option<Order>, StoreError> {
        self.store
            .get(&order_key(id))?
            .map(|json| serde_json::from_slice(&json).map_err(|error| corrupt(id, &error)))
            .transpose()
    }

    /// Whether the store answers.
    pub fn check(&self) -> Result<(), StoreError> {
        self.store.get(&Key::of(format_args!("health"))).map(drop)
    }
}

fn order_key(id: &OrderId) -> Key {
    Key::of(format_args!("order:{id}"))
}

fn to_json(order: &Order) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(order).map_err(|error| corrupt(&order.id, &error))
}

fn corrupt(id: &OrderId, error: &serde_json::Error) -> StoreError {
    StoreError::Corrupt {
        id: *id,
        reason: error.to_string(),
    }
}
