//! A world that does as it is told, and a store in memory.

use std::{
    collections::{HashMap, VecDeque},
    sync::Mutex,
    time::Duration,
};

use bytes::Bytes;
use futures_executor::block_on;
use futures_util::future::pending;
use http::HeaderMap;

use crate::{
    auth::FetchError,
    clock::Clock,
    delivery::{
        AttemptError, AttemptResult, ContactsError, DeliveryContext, Email, InitialLease, Ports,
        Progress, Receipt, SendFailure, trigger,
    },
    order::{
        ConditionUrl, Contact, Creator, EmailAddress, Identifier, NewOrder, Notification,
        NotificationStatus, Order, OrderId, OrderRequest, ProcessingStatus,
    },
    store::{ClaimFailure, Claims, MemoryStore, StoreError, Stores, yield_now},
    timestamp::Timestamp,
    trace::TraceId,
};

pub(super) const NOW: &str = "2026-06-01T12:00:30Z";

pub(super) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// What is asked of the outside, and what it answers.
pub(super) struct FakePorts {
    store: &'static MemoryStore,
    now: Mutex<Timestamp>,
    pub(super) sent: Mutex<Vec<Email>>,
    /// What the next emails to an address come to; those after them are delivered.
    failures: Mutex<HashMap<String, VecDeque<SendFailure>>>,
    /// How many seconds each claim takes.
    pub(super) claim_seconds: Mutex<i64>,
    /// How many seconds each send takes.
    pub(super) send_seconds: Mutex<i64>,
    /// Whether sends do not come to an end for now.
    pub(super) sends_stall: Mutex<bool>,
    /// How many seconds pass at each look at the clock.
    pub(super) look_seconds: Mutex<i64>,
    pub(super) contacts: Mutex<HashMap<String, Contact>>,
    pub(super) contacts_fail: Mutex<bool>,
    pub(super) looked_up: Mutex<usize>,
    pub(super) conditions: Mutex<VecDeque<&'static str>>,
    pub(super) conditions_asked: Mutex<usize>,
}

impl Claims for FakePorts {
    async fn claim(&self, name: String, candidate: String) -> Result<(), ClaimFailure> {
        yield_now().await;
        self.pass(*self.claim_seconds.lock().unwrap());
        self.store.claim(name, candidate).await
    }
}

impl Ports for FakePorts {
    async fn send_email(&self, email: Email) -> Result<Receipt, SendFailure> {
        yield_now().await;
        while *self.sends_stall.lock().unwrap() {
            yield_now().await;
        }
        self.pass(*self.send_seconds.lock().unwrap());
        let failure = self
            .failures
            .lock()
            .unwrap()
            .get_mut(&email.to)
            .and_then(VecDeque::pop_front);
        let receipt = Receipt {
            progress: if email.to.starts_with("accepted") {
                Progress::Accepted
            } else {
                Progress::Delivered
            },
            provider_id: Some(format!("provider-{}", email.to)),
        };
        self.sent.lock().unwrap().push(email);
        match failure {
            Some(failure) => Err(failure),
            None => Ok(receipt),
        }
    }

    async fn look_up_contacts(
        &self,
        identifiers: Vec<Identifier>,
    ) -> Result<Vec<Contact>, ContactsError> {
        yield_now().await;
        *self.looked_up.lock().unwrap() += identifiers.len();
        if *self.contacts_fail.lock().unwrap() {
            return Err(ContactsError("simulated".to_owned()));
        }
        let contacts = self.contacts.lock().unwrap();
        let contact = |identifier: &Identifier| {
            contacts
                .get(identifier.as_str())
                .cloned()
                .unwrap_or_default()
        };
        Ok(identifiers.iter().map(contact).collect())
    }

    async fn fetch_condition(&self, _: &ConditionUrl) -> Result<Bytes, FetchError> {
        yield_now().await;
        *self.conditions_asked.lock().unwrap() += 1;
        match self.conditions.lock().unwrap().pop_front() {
            Some(body) => Ok(Bytes::from_static(body.as_bytes())),
            None => Err(FetchError::Status(500)),
        }
    }
}

impl Clock for FakePorts {
    fn now(&self) -> Timestamp {
        self.pass(*self.look_seconds.lock().unwrap());
        *self.now.lock().unwrap()
    }

    async fn sleep(&self, time: Duration) {
        self.pass(time.as_secs().try_into().unwrap());
    }
}

impl FakePorts {
    fn pass(&self, seconds: i64) {
        let mut now = self.now.lock().unwrap();
        *now = now.plus_seconds(seconds);
    }
}

/// Orders in a world.
pub(super) struct Stage {
    pub(super) store: &'static MemoryStore,
    pub(super) stores: Stores<&'static MemoryStore>,
    pub(super) ports: FakePorts,
}

impl Stage {
    pub(super) fn new() -> Self {
        Self::on(MemoryStore::default())
    }

    pub(super) fn on(store: MemoryStore) -> Self {
        let store: &'static MemoryStore = Box::leak(Box::new(store));
        Self {
            store,
            stores: Stores::new(store),
            ports: FakePorts {
                store,
                now: Mutex::new(at(NOW)),
                sent: Mutex::default(),
                failures: Mutex::default(),
                claim_seconds: Mutex::default(),
                send_seconds: Mutex::default(),
                sends_stall: Mutex::default(),
                look_seconds: Mutex::default(),
                contacts: Mutex::default(),
                contacts_fail: Mutex::default(),
                looked_up: Mutex::default(),
                conditions: Mutex::default(),
                conditions_asked: Mutex::default(),
            },
        }
    }

    /// Another instance over the same store.
    pub(super) fn other_instance(&self) -> Stores<&'static MemoryStore> {
        Stores::new(self.store)
    }

    /// Places an order to these recipients, with these members besides.
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
            OrderId::random(),
            Creator::new("ttd").unwrap(),
            now,
            EmailAddress::parse("noreply@altinn.cloud").unwrap(),
            None,
        )
    }

    /// Places an order whose first attempt is its instance's own.
    pub(super) fn place_reserved(&self, addresses: &[&str]) -> (Order, InitialLease) {
        let order = self.new_order(&to(addresses), "");
        let lease = InitialLease::of(&order, order.created).unwrap();
        let state = lease.state();
        block_on(self.stores.orders.insert_with(&order, state, order.created)).unwrap();
        (order, lease)
    }

    /// Places an order by a write that fails, and may have been written.
    pub(super) fn place_unsure(&self, addresses: &[&str]) -> Order {
        let order = self.new_order(&to(addresses), "");
        block_on(self.stores.orders.insert(&order, order.created)).unwrap_err();
        order
    }

    /// Places an order to these addresses.
    pub(super) fn place_to(&self, addresses: &[&str]) -> Order {
        self.place(&to(addresses), "")
    }

    pub(super) fn fail(&self, address: &str, failures: impl IntoIterator<Item = SendFailure>) {
        let mut all = self.ports.failures.lock().unwrap();
        all.insert(address.to_owned(), failures.into_iter().collect());
    }

    pub(super) fn know(&self, number: &str, contact: Contact) {
        let mut contacts = self.ports.contacts.lock().unwrap();
        contacts.insert(number.to_owned(), contact);
    }

    pub(super) fn pass(&self, seconds: i64) {
        self.ports.pass(seconds);
    }

    pub(super) fn context(&self) -> DeliveryContext<'_, &'static MemoryStore, FakePorts> {
        DeliveryContext {
            stores: &self.stores,
            ports: &self.ports,
            trace: TraceId::of(&HeaderMap::new()),
            deadline: self.ports.now().plus_seconds(trigger::BEGIN_SECONDS),
        }
    }

    pub(super) fn attempt(&self, order: &Order) -> Result<AttemptResult, AttemptError> {
        block_on(self.context().attempt(order))
    }

    /// An attempt that the store does not fail.
    pub(super) fn attempted(&self, order: &Order) -> AttemptResult {
        self.attempt(order).unwrap()
    }

    pub(super) fn run(&self) -> trigger::Run {
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

    /// How many emails an address was sent.
    pub(super) fn sent_to(&self, address: &str) -> usize {
        let sent = self.ports.sent.lock().unwrap();
        sent.iter().filter(|email| email.to == address).count()
    }

    pub(super) fn sent(&self) -> usize {
        self.ports.sent.lock().unwrap().len()
    }
}

/// A run of the trigger that takes the time it needs.
pub(super) async fn run(
    attempt: DeliveryContext<'_, &'static MemoryStore, FakePorts>,
) -> Result<trigger::Run, StoreError> {
    let begin = |id| trigger::process_order(attempt, id);
    let (run, under_way) = trigger::run(attempt, begin, pending()).await?;
    assert!(under_way.is_empty());
    Ok(run)
}

/// Recipients by their addresses.
pub(super) fn to(addresses: &[&str]) -> String {
    let recipients: Vec<_> = addresses
        .iter()
        .map(|address| format!(r#"{{"emailAddress":"{address}"}}"#))
        .collect();
    recipients.join(",")
}

/// So many addresses.
pub(super) fn addresses(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{n}@example.no")).collect()
}
