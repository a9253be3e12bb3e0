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
    /// How many of the next emails, to whatever address, meet a rate limit of two seconds.
    pub(super) limits_left: Mutex<u32>,
    /// The duration of a claim.
    pub(super) claim_seconds: Mutex<i64>,
    /// The duration of a send.
    pub(super) send_seconds: Mutex<i64>,
    /// The number of sends under way, and the most at the same time.
    pub(super) in_flight: Mutex<(usize, usize)>,
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
    /// The ends of the sleeps under way.
    sleepers: Mutex<Vec<Timestamp>>,
}

/// The entry of a sleep under way.
struct Sleeper<'a> {
    all: &'a Mutex<Vec<Timestamp>>,
    end: Timestamp,
}

impl<'a> Sleeper<'a> {
    fn new(all: &'a Mutex<Vec<Timestamp>>, end: Timestamp) -> Self {
        all.lock().unwrap().push(end);
        Self { all, end }
    }
}

impl Drop for Sleeper<'_> {
    fn drop(&mut self) {
        let mut all = self.all.lock().unwrap();
        if let Some(place) = all.iter().position(|end| *end == self.end) {
            all.swap_remove(place);
        }
    }
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
        {
            let mut in_flight = self.in_flight.lock().unwrap();
            in_flight.0 += 1;
            in_flight.1 = in_flight.1.max(in_flight.0);
        }
        yield_now().await;
        while *self.is_sending_stalled.lock().unwrap() {
            yield_now().await;
        }
        self.advance(*self.send_seconds.lock().unwrap());
        self.in_flight.lock().unwrap().0 -= 1;
        let failure = self
            .failures
            .lock()
            .unwrap()
            .get_mut(&email.to)
            .and_then(VecDeque::pop_front);
        let failure = failure.or_else(|| {
            let mut left = self.limits_left.lock().unwrap();
            *left = left.checked_sub(1)?;
            Some(SendFailure::RateLimited(Some(2)))
        });
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

    /// Lets time pass, but not beyond the end of a shorter sleep, and not while others work.
    async fn sleep(&self, time: Duration) {
        const PATIENCE: usize = 50;
        let end = self.now.lock().unwrap().plus(time);
        let _sleeper = Sleeper::new(&self.sleepers, end);
        let mut seen = *self.now.lock().unwrap();
        let mut polls = 0;
        while seen < end {
            yield_now().await;
            let mut now = self.now.lock().unwrap();
            polls = if *now == seen { polls + 1 } else { 0 };
            let is_first = self.sleepers.lock().unwrap().iter().min() == Some(&end);
            if polls > PATIENCE && is_first {
                *now = end;
            }
            seen = *now;
        }
    }
}

impl FakePorts {
    pub(super) fn new(store: &'static MemoryStore, now: Timestamp) -> Self {
        Self {
            store,
            now: Mutex::new(now),
            sent: Mutex::default(),
            failures: Mutex::default(),
            limits_left: Mutex::default(),
            claim_seconds: Mutex::default(),
            send_seconds: Mutex::default(),
            in_flight: Mutex::default(),
            is_sending_stalled: Mutex::default(),
            seconds_per_clock_read: Mutex::default(),
            contacts: Mutex::default(),
            is_look_up_failing: Mutex::default(),
            looked_up_count: Mutex::default(),
            condition_responses: Mutex::default(),
            condition_requests: Mutex::default(),
            sleepers: Mutex::default(),
        }
    }

    /// Lets time pass.
    pub(super) fn advance(&self, seconds: i64) {
        let mut now = self.now.lock().unwrap();
        *now = now.plus_seconds(seconds);
    }
}
