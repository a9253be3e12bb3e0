//! Fake ports: a clock that tests move, and sends, contacts and conditions that tests set.

use std::{
    collections::{HashMap, VecDeque},
    sync::Mutex,
    time::Duration,
};

use bytes::Bytes;

use crate::{
    auth::FetchError,
    clock::Clock,
    delivery::{ContactsError, Email, Ports, Progress, Receipt, SendFailure},
    order::{ConditionUrl, Contact, Identifier},
    store::{ClaimFailure, Claims, MemoryStore, yield_now},
    timestamp::Timestamp,
};

pub(super) struct FakePorts {
    store: &'static MemoryStore,
    now: Mutex<Timestamp>,
    pub(super) sent: Mutex<Vec<Email>>,
    /// The failures of the next emails to an address. Later emails are delivered.
    pub(super) failures: Mutex<HashMap<String, VecDeque<SendFailure>>>,
    /// The duration of a claim.
    pub(super) claim_seconds: Mutex<i64>,
    /// The duration of a send.
    pub(super) send_seconds: Mutex<i64>,
    /// Whether sends do not end at the moment.
    pub(super) is_sending_stalled: Mutex<bool>,
    /// The time that passes at each read of the clock.
    pub(super) seconds_per_clock_read: Mutex<i64>,
    pub(super) contacts: Mutex<HashMap<String, Contact>>,
    pub(super) is_look_up_failing: Mutex<bool>,
    pub(super) looked_up_count: Mutex<usize>,
    /// The bodies of the next responses of condition endpoints. Later requests fail.
    pub(super) condition_responses: Mutex<VecDeque<&'static str>>,
    pub(super) condition_requests: Mutex<usize>,
}

impl Claims for FakePorts {
    async fn claim(&self, name: String, candidate: String) -> Result<(), ClaimFailure> {
        yield_now().await;
        self.advance(*self.claim_seconds.lock().unwrap());
        self.store.claim(name, candidate).await
    }
}

impl Ports for FakePorts {
    async fn send_email(&self, email: Email) -> Result<Receipt, SendFailure> {
        yield_now().await;
        while *self.is_sending_stalled.lock().unwrap() {
            yield_now().await;
        }
        self.advance(*self.send_seconds.lock().unwrap());
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
        *self.looked_up_count.lock().unwrap() += identifiers.len();
        if *self.is_look_up_failing.lock().unwrap() {
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
        *self.condition_requests.lock().unwrap() += 1;
        match self.condition_responses.lock().unwrap().pop_front() {
            Some(body) => Ok(Bytes::from_static(body.as_bytes())),
            None => Err(FetchError::Status(500)),
        }
    }
}

impl Clock for FakePorts {
    fn now(&self) -> Timestamp {
        self.advance(*self.seconds_per_clock_read.lock().unwrap());
        *self.now.lock().unwrap()
    }

    async fn sleep(&self, time: Duration) {
        let seconds = time.as_millis().div_ceil(1000);
        self.advance(seconds.try_into().unwrap());
    }
}

impl FakePorts {
    pub(super) fn new(store: &'static MemoryStore, now: Timestamp) -> Self {
        Self {
            store,
            now: Mutex::new(now),
            sent: Mutex::default(),
            failures: Mutex::default(),
            claim_seconds: Mutex::default(),
            send_seconds: Mutex::default(),
            is_sending_stalled: Mutex::default(),
            seconds_per_clock_read: Mutex::default(),
            contacts: Mutex::default(),
            is_look_up_failing: Mutex::default(),
            looked_up_count: Mutex::default(),
            condition_responses: Mutex::default(),
            condition_requests: Mutex::default(),
        }
    }

    /// Lets time pass.
    pub(super) fn advance(&self, seconds: i64) {
        let mut now = self.now.lock().unwrap();
        *now = now.plus_seconds(seconds);
    }
}
