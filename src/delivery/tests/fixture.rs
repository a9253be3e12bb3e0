//! The fixture of the tests.

use futures_executor::block_on;
use futures_util::future::pending;
use http::HeaderMap;

use super::fake_ports::FakePorts;
use crate::{
    clock::Clock as _,
    config::DeliverySettings,
    delivery::{
        AttemptError, AttemptResult, DeliveryContext, InitialLease, SendFailure, SendGate, trigger,
    },
    order::{
        Contact, Creator, EmailAddress, Fingerprint, NewOrder, Notification, NotificationStatus,
        Order, OrderId, OrderRequest, ProcessingStatus,
    },
    store::{MemoryStore, StoreError, Stores},
    timestamp::Timestamp,
    trace::TraceId,
};

/// The time at which tests begin.
pub(super) const NOW: &str = "2026-06-01T12:00:30Z";

pub(super) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// An instance of the component, with fake ports and a store in memory.
pub(super) struct Fixture {
    pub(super) store: &'static MemoryStore,
    pub(super) stores: Stores<&'static MemoryStore>,
    pub(super) ports: FakePorts,
    pub(super) gate: SendGate,
}

impl Fixture {
    pub(super) fn new() -> Self {
        Self::on(MemoryStore::default())
    }

    pub(super) fn on(store: MemoryStore) -> Self {
        let store: &'static MemoryStore = Box::leak(Box::new(store));
        Self {
            store,
            stores: Stores::new(store),
            ports: FakePorts::new(store, at(NOW)),
            gate: SendGate::default(),
        }
    }

    /// Returns the stores of another instance over the same key-value store.
    pub(super) fn other_instance(&self) -> Stores<&'static MemoryStore> {
        Stores::new(self.store)
    }

    /// Places an order with these recipients and further members.
    pub(super) fn place(&self, recipients: &str, members: &str) -> Order {
        let order = self.new_order(recipients, members);
        block_on(self.stores.orders.insert(&order, order.created)).unwrap();
        order
    }

    pub(super) fn new_order(&self, recipients: &str, members: &str) -> Order {
        let json = format!(
            r#"{{"subject":"Hei $recipientName$","body":"Nr. $recipientNumber$","recipients":[{recipients}]{members}}}"#
        );
        let request = OrderRequest::parse(json.as_bytes()).unwrap();
        let now = self.ports.now();
        NewOrder::validate(&request, now).unwrap().register(
            OrderId::new(now),
            Creator::new("ttd").unwrap(),
            now,
            EmailAddress::parse("noreply@altinn.cloud").unwrap(),
            // No instance has the first attempt at an order with an idempotency key.
            Some(Fingerprint::of(&request)),
        )
    }

    /// Places an order with the lease of its first attempt.
    pub(super) fn place_leased(&self, addresses: &[&str]) -> (Order, InitialLease) {
        let order = Order {
            fingerprint: None,
            ..self.new_order(&to(addresses), "")
        };
        let lease = InitialLease::of(&order, order.created).unwrap();
        block_on(self.stores.orders.insert(&order, order.created)).unwrap();
        (order, lease)
    }

    /// Places an order with a write that returns an error.
    pub(super) fn place_with_failed_write(&self, addresses: &[&str]) -> Order {
        let order = self.new_order(&to(addresses), "");
        block_on(self.stores.orders.insert(&order, order.created)).unwrap_err();
        order
    }

    /// Places an order to these addresses.
    pub(super) fn place_to(&self, addresses: &[&str]) -> Order {
        self.place(&to(addresses), "")
    }

    pub(super) fn fail_sends(
        &self,
        address: &str,
        failures: impl IntoIterator<Item = SendFailure>,
    ) {
        let mut all = self.ports.failures.lock().unwrap();
        all.insert(address.to_owned(), failures.into_iter().collect());
    }

    pub(super) fn set_contact(&self, number: &str, contact: Contact) {
        let mut contacts = self.ports.contacts.lock().unwrap();
        contacts.insert(number.to_owned(), contact);
    }

    pub(super) fn advance(&self, seconds: i64) {
        self.ports.advance(seconds);
    }

    pub(super) fn context(&self) -> DeliveryContext<'_, &'static MemoryStore, FakePorts> {
        DeliveryContext {
            stores: &self.stores,
            ports: &self.ports,
            trace: TraceId::of(&HeaderMap::new()),
            deadline: self.ports.now().plus_seconds(trigger::BEGIN_SECONDS),
            gate: &self.gate,
            settings: DeliverySettings {
                give_up_hours: 48,
                send_rate: 0,
            },
        }
    }

    pub(super) fn attempt(&self, order: &Order) -> Result<AttemptResult, AttemptError> {
        block_on(self.context().attempt(order))
    }

    /// Makes an attempt during which the store does not fail.
    pub(super) fn attempt_ok(&self, order: &Order) -> AttemptResult {
        self.attempt(order).unwrap()
    }

    pub(super) fn run_trigger(&self) -> trigger::Run {
        block_on(run(self.context())).unwrap()
    }

    pub(super) fn status(&self, order: &Order) -> ProcessingStatus {
        self.stores.orders.state(order).unwrap().status
    }

    pub(super) fn notifications(&self, order: &Order) -> Vec<Notification> {
        self.stores.deliveries.notifications(order).unwrap()
    }

    pub(super) fn statuses(&self, order: &Order) -> Vec<NotificationStatus> {
        let all = self.notifications(order);
        all.iter().map(|notification| notification.status).collect()
    }

    /// Returns the number of emails to an address.
    pub(super) fn sent_count_to(&self, address: &str) -> usize {
        let sent = self.ports.sent.lock().unwrap();
        sent.iter().filter(|email| email.to == address).count()
    }

    pub(super) fn sent_count(&self) -> usize {
        self.ports.sent.lock().unwrap().len()
    }
}

/// Runs the trigger without a time limit.
pub(super) async fn run(
    context: DeliveryContext<'_, &'static MemoryStore, FakePorts>,
) -> Result<trigger::Run, StoreError> {
    let begin = |id| trigger::process_order(context, id);
    let (run, under_way) = trigger::run(context, begin, pending()).await?;
    assert!(under_way.is_empty());
    Ok(run)
}

/// Returns recipients with these addresses as JSON.
pub(super) fn to(addresses: &[&str]) -> String {
    let recipients: Vec<_> = addresses
        .iter()
        .map(|address| format!(r#"{{"emailAddress":"{address}"}}"#))
        .collect();
    recipients.join(",")
}

/// Returns this many different addresses.
pub(super) fn addresses(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{n}@example.no")).collect()
}
