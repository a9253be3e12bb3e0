//! The orders in a store.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{
    Key, KeyValue, Lane, StoreError,
    claim::{self, Claimed, Claims, Contender},
    group_commit::GroupCommit,
    record::Record,
    reference::Reference,
    stored::{self, StoredOrder, StoredState},
};
use crate::{
    order::{Order, OrderId, OrderState},
    timestamp::Timestamp,
};

/// The orders in a key-value store; one value per instance of the component.
#[derive(Debug)]
pub struct Orders<K> {
    pub(super) store: K,
    pub(super) group: GroupCommit<Record>,
    /// What is written along with whatever is written next.
    along: Mutex<Option<(Key, Vec<u8>)>>,
    lane: Mutex<Lane>,
}

impl<K: KeyValue> Orders<K> {
    /// The orders in this store.
    pub fn new(store: K) -> Self {
        Self {
            store,
            group: GroupCommit::default(),
            along: Mutex::default(),
            lane: Mutex::default(),
        }
    }

    /// Stores an order together with what finds it, in one write.
    ///
    /// When this returns `Ok`, everything is stored as durably as the provider stores anything.
    pub async fn insert(&self, order: &Order, now: Timestamp) -> Result<(), StoreError> {
        let entries = vec![stored_order(order)?];
        self.insert_all(order, now, entries).await
    }

    /// The same with a state, of an order whose id nobody else can have.
    pub async fn insert_with(
        &self,
        order: &Order,
        state: &OrderState,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        // Nobody finds the order without its state.
        let entries = vec![stored_state(order.id, state)?, stored_order(order)?];
        self.insert_all(order, now, entries).await
    }

    async fn insert_all(
        &self,
        order: &Order,
        now: Timestamp,
        entries: Vec<(Key, Vec<u8>)>,
    ) -> Result<(), StoreError> {
        self.keep(Record {
            id: order.id,
            reference: Reference::of_order(order),
            due: Some((order.requested_send_time, now)),
            entries,
        })
        .await
    }

    /// Writes what files something in this lane, and all that goes with it, in one write.
    pub(super) fn commit(
        &self,
        lane: &mut Lane,
        entries: Vec<(Key, Vec<u8>)>,
    ) -> Result<(), StoreError> {
        self.store.set_many(entries).inspect_err(|_| {
            // It may have been written all the same, and a slot must not be taken twice.
            *lane = Lane::default();
        })
    }

    /// The lane of this instance.
    pub(super) fn lane(&self) -> MutexGuard<'_, Lane> {
        let mut lane = self.lane.lock().unwrap_or_else(PoisonError::into_inner);
        if lane.is_full() {
            *lane = Lane::default();
        }
        lane
    }

    /// The order of this id, whoever's it is.
    pub fn get(&self, id: OrderId) -> Result<Option<Order>, StoreError> {
        let key = order_key(id);
        let json = self.store.get(&key)?;
        json.map(|json| stored::order(&key, &json)).transpose()
    }

    /// What has become of an order.
    pub fn state(&self, order: &Order) -> Result<OrderState, StoreError> {
        let key = state_key(order.id);
        match self.store.get(&key)? {
            Some(json) => Ok(stored::read::<StoredState>(&key, &json)?.into()),
            None => Ok(OrderState::registered(order)),
        }
    }

    /// Notes what has become of an order. Whoever does has claimed it.
    pub async fn set_state(&self, id: OrderId, state: &OrderState) -> Result<(), StoreError> {
        self.keep(Record {
            id,
            reference: None,
            due: None,
            entries: vec![stored_state(id, state)?],
        })
        .await
    }

    /// Claims the id of an order that is to be placed, for one of several different requests.
    pub async fn claim_placing(
        &self,
        claims: &impl Claims,
        id: OrderId,
        contender: Contender,
        clock: impl Fn() -> Timestamp,
    ) -> Result<Claimed, StoreError> {
        let name = format!("place:{id}");
        claim::claim(&self.store, claims, &name, contender, clock).await
    }

    /// Claims to cancel an order. No attempt at it can then be begun, and the other way round.
    pub async fn claim_cancelling(
        &self,
        claims: &impl Claims,
        id: OrderId,
        clock: impl Fn() -> Timestamp,
    ) -> Result<Claimed, StoreError> {
        let name = outcome(id, 0);
        claim::claim(&self.store, claims, &name, Contender::CANCEL, clock).await
    }

    /// Claims the attempt at an order that follows so many others, for this caller alone.
    ///
    /// The caller must have read the state just before, and have awaited nothing since: a name is
    /// claimed anew after a while, and the count would then be of an attempt that is over.
    pub async fn claim_attempt(
        &self,
        claims: &impl Claims,
        id: OrderId,
        attempts: u32,
        clock: impl Fn() -> Timestamp,
    ) -> Result<Claimed, StoreError> {
        let name = outcome(id, attempts);
        claim::claim(&self.store, claims, &name, Contender::random(), clock).await
    }

    /// Returns the keys of an issuer, as another instance has stored them.
    pub fn issuer_keys(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.get(&Key::of(format_args!("jwks:{name}")))
    }

    /// Stores the keys of an issuer for other instances.
    pub fn set_issuer_keys(&self, name: &str, value: Vec<u8>) -> Result<(), StoreError> {
        let key = Key::of(format_args!("jwks:{name}"));
        self.store.set_many(vec![(key, value)])
    }

    /// Returns a verified token, as another instance has shared it.
    pub fn shared_token(&self, slot: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.get(&token_key(slot))
    }

    /// Shares a verified token, with whatever is written next.
    pub fn share_token(&self, slot: &str, value: Vec<u8>) {
        *self.along() = Some((token_key(slot), value));
    }

    /// What is to be written along with something.
    pub(super) fn along(&self) -> MutexGuard<'_, Option<(Key, Vec<u8>)>> {
        self.along.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the store answers.
    pub fn check(&self) -> Result<(), StoreError> {
        self.store.get(&Key::of(format_args!("health"))).map(drop)
    }
}

/// The name under which an attempt is claimed. The first shares it with cancelling.
fn outcome(id: OrderId, attempts: u32) -> String {
    match attempts {
        0 => format!("outcome:{id}"),
        later => format!("outcome:{id}:{later}"),
    }
}

fn token_key(slot: &str) -> Key {
    Key::of(format_args!("token:{slot}"))
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

    use super::{super::memory::MemoryStore, *};
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

    fn store() -> (&'static MemoryStore, Orders<&'static MemoryStore>) {
        let store: &'static MemoryStore = Box::leak(Box::default());
        (store, Orders::new(store))
    }

    fn insert(orders: &Orders<&'static MemoryStore>, order: &Order) -> Result<(), StoreError> {
        block_on(orders.insert(order, at(NOW)))
    }

    /// The ids in the slots of a minute, by their keys.
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
    fn an_order_is_one_write_and_found_by_its_id() {
        let (store, orders) = store();
        let order = order(r#","sendersReference":"case-1""#);
        insert(&orders, &order).unwrap();
        assert_eq!(store.state().writes, 1);
        assert_eq!(orders.get(order.id).unwrap(), Some(order));
        assert_eq!(orders.get(OrderId::random()).unwrap(), None);
    }

    #[test]
    fn every_key_can_be_reached_from_the_roots() {
        let (store, orders) = store();
        insert(&orders, &order(r#","sendersReference":"case-1""#)).unwrap();
        let keys: Vec<String> = store.state().values.keys().cloned().collect();
        for time in ["2026-06", "2026-06-01", "2026-06-01T12", "2026-06-01T12:00"] {
            assert!(keys.contains(&format!("eo:due:{time}")), "{time}");
        }
        let (slot, _) = due_in(store, "2026-06-01T12:00").remove(0);
        let lane = slot.strip_prefix("eo:due:2026-06-01T12:00:").unwrap();
        let lane = lane.strip_suffix(":0").unwrap();
        assert_eq!(lane.len(), 6);
        for length in 1..=6 {
            let marker = format!("eo:due:2026-06-01T12:00:{}", &lane[..length]);
            assert!(keys.contains(&marker), "{marker}");
        }
        let references = keys.iter().filter(|key| key.starts_with("eo:ref:"));
        let names: Vec<_> = references
            .map(|key| key.rsplit(':').next().unwrap())
            .collect();
        assert_eq!(names, [&lane[..1], &lane[..2], &lane[..3], &lane[..4]]);
    }

    #[test]
    fn markers_are_written_once_and_slots_follow_each_other() {
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
    fn what_is_due_later_is_filed_later_and_what_was_due_is_filed_now() {
        let (store, orders) = store();
        let later = order(r#","requestedSendTime":"2030-01-31T08:00:59+01:00""#);
        insert(&orders, &later).unwrap();
        assert_eq!(due_in(store, "2030-01-31T07:00").len(), 1);
        let past = order(r#","requestedSendTime":"2026-06-01T11:56:00Z""#);
        insert(&orders, &past).unwrap();
        assert_eq!(due_in(store, "2026-06-01T12:00").len(), 1);
    }

    #[test]
    fn orders_of_one_reference_share_a_page_and_read_nothing() {
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
        insert(&Orders::new(store), &other).unwrap();
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
    fn a_write_that_was_cut_leaves_no_order_and_hides_no_later_one() {
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
    fn keys_suit_every_provider() {
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
