//! Orders and their states.

use std::sync::Arc;

use super::{
    Key, KeyValue, StoreError,
    batch_writer::{BatchWriter, Record},
    reference::Reference,
    stored::{self, StoredOrder, StoredState},
};
use crate::{
    order::{Order, OrderId, OrderState},
    timestamp::Timestamp,
};

/// Orders, their states, and the index of their references.
#[derive(Debug)]
pub struct OrderStore<K>(pub(super) Arc<BatchWriter<K>>);

impl<K: KeyValue> OrderStore<K> {
    /// Stores an order together with the index entries that lead to it, in one write.
    ///
    /// When this returns `Ok`, everything is stored as durably as the provider stores anything.
    pub async fn insert(&self, order: &Order, now: Timestamp) -> Result<(), StoreError> {
        let entries = vec![stored_order(order)?];
        self.insert_all(order, now, entries).await
    }

    /// Stores an order together with its state. The id must be new, so that no other instance has
    /// written a state of the order.
    pub async fn insert_with(
        &self,
        order: &Order,
        state: &OrderState,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        // The state first, so that no reader finds the order without it.
        let entries = vec![stored_state(order.id, state)?, stored_order(order)?];
        self.insert_all(order, now, entries).await
    }

    async fn insert_all(
        &self,
        order: &Order,
        now: Timestamp,
        entries: Vec<(Key, Vec<u8>)>,
    ) -> Result<(), StoreError> {
        let record = Record {
            id: order.id,
            reference: Reference::of_order(order),
            due: Some((order.requested_send_time, now)),
            entries,
        };
        self.0.write_new(record).await
    }

    /// Returns an order, of any creator.
    pub fn get(&self, id: OrderId) -> Result<Option<Order>, StoreError> {
        let key = order_key(id);
        let json = self.0.store.get(&key)?;
        json.map(|json| stored::order(&key, &json)).transpose()
    }

    /// Returns the state of an order.
    pub fn state(&self, order: &Order) -> Result<OrderState, StoreError> {
        let key = state_key(order.id);
        match self.0.store.get(&key)? {
            Some(json) => stored::state(&key, &json),
            None => Ok(OrderState::registered(order)),
        }
    }

    /// Stores the state of an order. The caller must have the lease of the order.
    pub async fn set_state(&self, id: OrderId, state: &OrderState) -> Result<(), StoreError> {
        self.write_state(id, state, None).await
    }

    /// Stores the state of an order, and files the order under the time when it is due again.
    pub async fn postpone(
        &self,
        id: OrderId,
        state: &OrderState,
        due: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write_state(id, state, Some((due, now))).await
    }

    async fn write_state(
        &self,
        id: OrderId,
        state: &OrderState,
        due: Option<(Timestamp, Timestamp)>,
    ) -> Result<(), StoreError> {
        let record = Record {
            id,
            reference: None,
            due,
            entries: vec![stored_state(id, state)?],
        };
        self.0.write(record).await
    }
}

pub(super) fn order_key(id: OrderId) -> Key {
    Key::of(format_args!("order:{id}"))
}

pub(super) fn state_key(id: OrderId) -> Key {
    Key::of(format_args!("state:{id}"))
}

/// Returns an order as it is stored, with its key.
fn stored_order(order: &Order) -> Result<(Key, Vec<u8>), StoreError> {
    stored::entry(order_key(order.id), &StoredOrder::from(order))
}

/// Returns a state as it is stored, with its key.
pub(super) fn stored_state(id: OrderId, state: &OrderState) -> Result<(Key, Vec<u8>), StoreError> {
    stored::entry(state_key(id), &StoredState::from(state))
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;

    use super::{
        super::{MemoryStore, Stores},
        *,
    };
    use crate::order::{Creator, EmailAddress, NewOrder, OrderRequest};

    const NOW: &str = "2026-06-01T12:00:30Z";

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn order(members: &str) -> Order {
        let json = format!(
            r#"{{"subject":"s","body":"b","recipients":[{{"emailAddress":"a@b.no"}}]{members}}}"#
        );
        let request = OrderRequest::parse(json.as_bytes()).unwrap();
        NewOrder::validate(&request, at(NOW)).unwrap().register(
            OrderId::random(),
            Creator::new("ttd").unwrap(),
            at(NOW),
            EmailAddress::parse("noreply@altinn.cloud").unwrap(),
            None,
        )
    }

    fn store() -> (&'static MemoryStore, OrderStore<&'static MemoryStore>) {
        let store: &'static MemoryStore = Box::leak(Box::default());
        (store, Stores::new(store).orders)
    }

    fn insert(orders: &OrderStore<&'static MemoryStore>, order: &Order) -> Result<(), StoreError> {
        block_on(orders.insert(order, at(NOW)))
    }

    /// Returns the slots of a minute, with their keys.
    fn due_in(store: &MemoryStore, minute: &str) -> Vec<(String, Vec<u8>)> {
        let prefix = format!("eo:due:{minute}:");
        let state = store.state();
        let slots = state
            .values
            .iter()
            .filter(|(key, value)| key.starts_with(&prefix) && value.len() == 16);
        slots
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }

    #[test]
    fn insert_is_one_write_and_get_finds_the_order() {
        let (store, orders) = store();
        let order = order(r#","sendersReference":"case-1""#);
        insert(&orders, &order).unwrap();
        assert_eq!(store.state().writes, 1);
        assert_eq!(orders.get(order.id).unwrap(), Some(order));
        assert_eq!(orders.get(OrderId::random()).unwrap(), None);
    }

    #[test]
    fn insert_writes_every_marker_from_the_roots() {
        let (store, orders) = store();
        insert(&orders, &order(r#","sendersReference":"case-1""#)).unwrap();
        let keys: Vec<String> = store.state().values.keys().cloned().collect();
        for time in ["2026-06", "2026-06-01", "2026-06-01T12", "2026-06-01T12:00"] {
            assert!(keys.contains(&format!("eo:due:{time}")), "{time}");
        }
        let (slot, _) = due_in(store, "2026-06-01T12:00").remove(0);
        let writer = slot.strip_prefix("eo:due:2026-06-01T12:00:").unwrap();
        let writer = writer.strip_suffix(":0").unwrap();
        assert_eq!(writer.len(), 6);
        for length in 1..=6 {
            let marker = format!("eo:due:2026-06-01T12:00:{}", &writer[..length]);
            assert!(keys.contains(&marker), "{marker}");
        }
        let references = keys.iter().filter(|key| key.starts_with("eo:ref:"));
        let names: Vec<_> = references
            .map(|key| key.rsplit(':').next().unwrap())
            .collect();
        assert_eq!(
            names,
            [&writer[..1], &writer[..2], &writer[..3], &writer[..4]]
        );
    }

    #[test]
    fn insert_several_writes_markers_once_and_takes_slots_in_sequence() {
        let (store, orders) = store();
        for _ in 0..3 {
            insert(&orders, &order("")).unwrap();
        }
        let slots = due_in(store, "2026-06-01T12:00");
        let numbers: Vec<_> = slots
            .iter()
            .map(|(key, _)| key.rsplit(':').next().unwrap())
            .collect();
        assert_eq!(numbers, ["0", "1", "2"]);
    }

    #[test]
    fn insert_files_under_the_send_time_or_the_present_minute() {
        let (store, orders) = store();
        let later = order(r#","requestedSendTime":"2030-01-31T08:00:59+01:00""#);
        insert(&orders, &later).unwrap();
        assert_eq!(due_in(store, "2030-01-31T07:00").len(), 1);
        let past = order(r#","requestedSendTime":"2026-06-01T11:56:00Z""#);
        insert(&orders, &past).unwrap();
        assert_eq!(due_in(store, "2026-06-01T12:00").len(), 1);
    }

    #[test]
    fn insert_same_reference_shares_a_page_without_reading() {
        let (store, orders) = store();
        let placed: Vec<_> = (0..3)
            .map(|_| order(r#","sendersReference":"case-1""#))
            .collect();
        for order in &placed {
            insert(&orders, order).unwrap();
        }
        assert_eq!(store.state().reads, 0);
        // Another instance has a page of its own.
        let other = order(r#","sendersReference":"case-1""#);
        insert(&Stores::new(store).orders, &other).unwrap();
        let sizes: Vec<_> = {
            let state = store.state();
            let references = state
                .values
                .iter()
                .filter(|(key, _)| key.starts_with("eo:ref:"));
            let sizes = references.map(|(_, value)| value.len());
            sizes.filter(|size| *size > 1).collect()
        };
        // Three ids and one, each page with its version.
        assert!(sizes == [49, 17] || sizes == [17, 49], "{sizes:?}");
        assert_eq!(orders.find_ids("case-1").len(), 4);
    }

    #[test]
    fn insert_cut_off_leaves_no_order_and_hides_no_later_one() {
        let count = {
            let (store, orders) = store();
            insert(&orders, &order(r#","sendersReference":"case-1""#)).unwrap();
            store.state().values.len()
        };
        for kept in 0..count {
            let (store, orders) = store();
            let lost = order(r#","sendersReference":"case-1""#);
            store.state().cut_next_write_after = Some(kept);
            assert!(insert(&orders, &lost).is_err());
            assert_eq!(orders.get(lost.id).unwrap(), None, "{kept}");

            let next = order("");
            insert(&orders, &next).unwrap();
            let filed = due_in(store, "2026-06-01T12:00");
            assert!(
                filed.iter().any(|(_, id)| id == next.id.as_bytes()),
                "{kept}"
            );
            let markers = store
                .state()
                .values
                .values()
                .filter(|value| *value == b"1")
                .count();
            assert!(markers >= 10, "{kept}: every marker is written again");
        }
    }

    #[test]
    fn insert_keys_suit_every_provider() {
        let (store, orders) = store();
        let order = order(r#","sendersReference":"a/b\\c?d#e'f æ 'or 1=1""#);
        insert(&orders, &order).unwrap();
        for key in store.state().values.keys() {
            assert!(key.len() <= 255, "{key}");
            assert!(
                key.bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte)),
                "{key}"
            );
        }
    }
}
