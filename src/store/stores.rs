//! Everything that an instance stores, over one batch writer.

use std::sync::Arc;

use super::{
    Cache, DeliveryStore, DueIndex, Key, KeyValue, Leases, OrderStore, Retention, StoreError,
    batch_writer::BatchWriter,
};

/// The stores of an instance. There is one value per instance: its parts share one batch writer, so
/// that what they write at the same time is one write.
#[derive(Debug)]
pub struct Stores<K> {
    /// Orders, their states, and the index of their references.
    pub orders: OrderStore<K>,
    /// Notifications and delivery reports.
    pub deliveries: DeliveryStore<K>,
    /// The index of orders by the minute in which they are due.
    pub due: DueIndex<K>,
    /// The right to place, to deliver or to cancel an order.
    pub leases: Leases<K>,
    /// The erasure and deletion of orders.
    pub retention: Retention<K>,
    /// Values that instances share to save work.
    pub cache: Cache<K>,
    batches: Arc<BatchWriter<K>>,
}

impl<K: KeyValue> Stores<K> {
    /// Returns the stores over a key-value store.
    pub fn new(store: K) -> Self {
        let batches = Arc::new(BatchWriter::new(store));
        Self {
            orders: OrderStore(Arc::clone(&batches)),
            deliveries: DeliveryStore(Arc::clone(&batches)),
            due: DueIndex(Arc::clone(&batches)),
            leases: Leases(Arc::clone(&batches)),
            retention: Retention(Arc::clone(&batches)),
            cache: Cache(Arc::clone(&batches)),
            batches,
        }
    }

    /// Returns an error if the key-value store does not answer.
    pub fn check(&self) -> Result<(), StoreError> {
        let key = Key::of(format_args!("health"));
        self.batches.store.get(&key).map(drop)
    }
}
