//! Orders and their states.

use std::sync::Arc;

use super::{
    Key, KeyValue, StoreError,
    batch_writer::{BatchWriter, Filing, NewFiling, Record},
    due::CreatorHash,
    reference::Reference,
    stored::{self, StoredOrder, StoredState},
    writer::Writer,
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
        let filing = Filing::of_new(order, now);
        let entries = vec![stored_order(order)?];
        self.0
            .write(Record {
                filing: Some(filing),
                entries,
            })
            .await
    }

    /// Files a stored order again: the write that stored it may have been cut off before it wrote what
    /// leads to the order. An order at which an attempt has begun is filed as due.
    pub async fn file_again(&self, order: &Order, now: Timestamp) -> Result<(), StoreError> {
        let mut filing = Filing::of_new(order, now);
        if self.state(order)? != OrderState::registered(order) {
            filing.due = None;
        }
        let mut entries = Vec::new();
        filing.add_to(&mut entries, &mut Writer::of_order(order.id));
        self.0
            .write(Record {
                filing: None,
                entries,
            })
            .await
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
        let entries = vec![stored_state(id, state)?];
        self.0
            .write(Record {
                filing: None,
                entries,
            })
            .await
    }

    /// Files the order under the time when it is due again, and then stores its state. A batch might be
    /// written in part, and a state that says so without an entry would lose the order.
    pub async fn postpone(
        &self,
        order: &Order,
        state: &OrderState,
        due: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let filing = Filing {
            due: Some(due),
            new: None,
            ..Filing::of_new(order, now)
        };
        self.0
            .write(Record {
                filing: Some(filing),
                entries: Vec::new(),
            })
            .await?;
        self.set_state(order.id, state).await
    }
}

impl Filing {
    /// Returns where a new order is to be found.
    fn of_new(order: &Order, now: Timestamp) -> Self {
        Self {
            id: order.id,
            creator: CreatorHash::of(&order.creator),
            now,
            due: Some(order.requested_send_time),
            new: Some(NewFiling {
                reference: Reference::of_order(order),
            }),
        }
    }
}

pub(super) fn order_key(id: OrderId) -> Key {
    Key::join(&["order:", id.encode(&mut [0; OrderId::LENGTH])])
}

pub(super) fn state_key(id: OrderId) -> Key {
    Key::join(&["state:", id.encode(&mut [0; OrderId::LENGTH])])
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
            OrderId::new(at(NOW)),
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

    /// Returns the ids that are filed under a minute.
    fn due_in(store: &MemoryStore, minute: &str) -> Vec<OrderId> {
        let prefix = format!("eo:due:{minute}:");
        let state = store.state();
        let pages = state
            .values
            .iter()
            .filter(|(key, value)| key.starts_with(&prefix) && value.len() > 1);
        let items = pages.flat_map(|(_, page)| page.as_chunks::<21>().0);
        let ids = items.map(|item| OrderId::from_bytes(item[..16].try_into().unwrap()));
        ids.collect()
    }

    #[test]
    fn insert_is_one_write_and_get_finds_the_order() {
        let (store, orders) = store();
        let order = order(r#","sendersReference":"case-1""#);
        insert(&orders, &order).unwrap();
        assert_eq!(store.state().writes, 1);
        assert_eq!(orders.get(order.id).unwrap(), Some(order));
        assert_eq!(orders.get(OrderId::new(at(NOW))).unwrap(), None);
    }

    #[test]
    fn insert_writes_every_marker_from_the_roots() {
        let (store, orders) = store();
        store.state().writers = 4999;
        insert(&orders, &order(r#","sendersReference":"case-1""#)).unwrap();
        let keys: Vec<String> = store.state().values.keys().cloned().collect();
        let names = |prefix: &str| -> Vec<&str> {
            keys.iter()
                .filter_map(|key| key.strip_prefix(prefix))
                .collect()
        };
        let lane = ["", ":3", ":3B", ":3BO", ":3BOI:0"];
        let due = names("eo:due:2026-06");
        assert_eq!(due[..4], ["", "-01", "-01T12", "-01T12:00"]);
        let lanes: Vec<_> = due[4..]
            .iter()
            .map(|rest| &rest["-01T12:00:.x".len()..])
            .collect();
        assert_eq!(lanes, lane);
        let references: Vec<_> = keys
            .iter()
            .filter_map(|key| key.strip_prefix("eo:ref:"))
            .collect();
        let references: Vec<_> = references.iter().map(|rest| &rest[34..]).collect();
        assert_eq!(references, lane[1..]);
        let journal: Vec<_> = lane[1..]
            .iter()
            .map(|rest| format!("20605{rest}"))
            .collect();
        assert_eq!(names("eo:journal:"), journal);
        assert_eq!(names("eo:order:").len(), 1);
        // Beside these the number of the writer.
        assert_eq!(keys.len(), 9 + 4 + 4 + 1 + 1);
    }

    #[test]
    fn insert_several_writes_markers_once_and_fills_a_page() {
        let (store, orders) = store();
        insert(&orders, &order("")).unwrap();
        let keys = store.state().values.len();
        for _ in 0..3 {
            insert(&orders, &order("")).unwrap();
        }
        assert_eq!(due_in(store, "2026-06-01T12:00").len(), 4);
        assert_eq!(store.state().values.len(), keys + 3);
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
        // The number of another writer.
        assert_eq!(store.state().reads, 1);
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
        assert_eq!(sizes, [48, 16]);
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
            store.state().cuts = 2;
            let is_stored = insert(&orders, &lost).is_ok();
            assert_eq!(orders.get(lost.id).unwrap().is_some(), is_stored, "{kept}");
            store.state().cut_next_write_after = None;

            let next = order("");
            insert(&orders, &next).unwrap();
            let filed = due_in(store, "2026-06-01T12:00");
            assert!(filed.contains(&next.id), "{kept}");
        }
    }

    #[test]
    fn file_again_adds_what_a_write_in_part_has_left_out() {
        let (store, orders) = store();
        let order = order(r#","sendersReference":"case-1""#);
        insert(&orders, &order).unwrap();
        // An instance died while DynamoDB applied the batch in another order.
        store
            .state()
            .values
            .retain(|key, _| key.starts_with("eo:order:"));
        assert_eq!(orders.find_ids("case-1"), []);
        let other = Stores::new(store).orders;
        block_on(other.file_again(&order, at(NOW))).unwrap();
        assert_eq!(orders.find_ids("case-1"), [order.id]);
        assert_eq!(due_in(store, "2026-06-01T12:00"), [order.id]);

        // The trigger has found and settled the order, and the reference is missing.
        store
            .state()
            .values
            .retain(|key, _| key.starts_with("eo:order:"));
        let other = Stores::new(store).orders;
        block_on(other.set_state(order.id, &OrderState::cancelled(at(NOW)))).unwrap();
        block_on(other.file_again(&order, at(NOW))).unwrap();
        assert_eq!(orders.find_ids("case-1"), [order.id]);
        assert_eq!(due_in(store, "2026-06-01T12:00"), []);
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
