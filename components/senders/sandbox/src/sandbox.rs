//! The sender itself: attempts recorded, emails kept, outcomes reported.

use std::sync::{Mutex, PoisonError};

use uuid::Uuid;

use crate::{
    KeyValue, Mail, Outcome, Simulation, StoreError,
    bindings::exports::email_orders::sender::sender::{Failure, Receipt},
    journal::{self, Attempt, Journal, Lane, MAX_PAGES, Timestamp},
};

/// The emails in a store; one value per instance.
pub struct Sandbox<S> {
    store: S,
    /// Where this instance writes; none before its first attempt, and after one that failed.
    lane: Mutex<Option<Lane>>,
}

impl<S: KeyValue> Sandbox<S> {
    /// The sandbox in this store.
    pub fn new(store: S) -> Self {
        Self {
            store,
            lane: Mutex::default(),
        }
    }

    /// Keeps an email and says what its recipient is to see happen.
    pub(crate) fn send(&self, mail: &Mail, now: Timestamp) -> Result<Receipt, Failure> {
        let outcome = self.record(mail, now).map_err(|error| {
            // The store is the sandbox's provider: a repeat may find it well again.
            Failure::Transient(error.to_string())
        })?;
        Ok(Receipt {
            progress: outcome.report()?,
            provider_id: Some(mail.id.to_string()),
        })
    }

    fn record(&self, mail: &Mail, now: Timestamp) -> Result<Outcome, StoreError> {
        let simulation = Simulation::of(&mail.to);
        let mut entries = vec![(journal::mail_key(mail.id), serde_json::to_vec(mail)?)];
        let outcome = if simulation.counts() {
            let number = self.tries(mail.id)? + 1;
            let tries = number.to_string().into_bytes();
            entries.push((journal::tries_key(mail.id), tries));
            simulation.outcome(number)
        } else {
            simulation.outcome(1)
        };
        let mut held = self.lane.lock().unwrap_or_else(PoisonError::into_inner);
        let mut lane = match held.take() {
            Some(lane) if lane.is_open(now) => lane,
            last => Lane::new(now, last.as_ref()),
        };
        entries.extend(lane.add(&Attempt {
            at: now,
            id: mail.id,
            outcome,
        }));
        // A write that fails may have been done in part: the next attempt then takes a new lane.
        self.store.set_many(entries)?;
        *held = Some(lane);
        Ok(outcome)
    }

    /// How often an email was attempted. Attempts of one email follow each other; of two at once,
    /// one is not counted.
    fn tries(&self, id: Uuid) -> Result<u64, StoreError> {
        let value = self.store.get(&journal::tries_key(id))?;
        let number = value.and_then(|text| str::from_utf8(&text).ok()?.parse().ok());
        Ok(number.unwrap_or(0))
    }

    /// What was attempted, the newest [`MAX_PAGES`] pages of it.
    pub fn journal(&self) -> Result<Journal, StoreError> {
        Journal::read(&self.store, MAX_PAGES)
    }

    /// The email of this notification.
    pub fn mail(&self, id: Uuid) -> Result<Option<Mail>, StoreError> {
        let value = self.store.get(&journal::mail_key(id))?;
        Ok(value.as_deref().map(serde_json::from_slice).transpose()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        bindings::exports::email_orders::sender::sender::Progress, mail::ContentType,
        store::memory::Memory,
    };

    const NOW: Timestamp = Timestamp(1_790_000_000_000);

    fn mail(id: u128, to: &str) -> Mail {
        Mail {
            id: Uuid::from_u128(id),
            from: "noreply@altinn.cloud".to_owned(),
            to: to.to_owned(),
            subject: "Påminnelse".to_owned(),
            body: "Hei på deg".to_owned(),
            content_type: ContentType::Plain,
        }
    }

    #[test]
    fn what_is_sent_is_kept() {
        let sandbox = Sandbox::new(Memory::default());
        let mail = mail(1, "kari@example.no");
        let receipt = sandbox.send(&mail, NOW).unwrap();
        assert_eq!(receipt.progress, Progress::Delivered);
        assert_eq!(receipt.provider_id, Some(mail.id.to_string()));
        assert_eq!(sandbox.mail(mail.id).unwrap(), Some(mail));
        assert_eq!(sandbox.mail(Uuid::nil()).unwrap(), None);
    }

    #[test]
    fn an_attempt_is_one_write() {
        let sandbox = Sandbox::new(Memory::default());
        for id in 1..=3 {
            sandbox.send(&mail(id, "kari@example.no"), NOW).unwrap();
        }
        assert_eq!(sandbox.store.calls.get(), 3);
    }

    #[test]
    fn a_repeat_is_one_email_and_one_more_delivery() {
        let store = &Memory::default();
        let mail = mail(1, "kari@example.no");
        for _ in 0..3 {
            // By one instance or another.
            let sandbox = Sandbox::new(store);
            for _ in 0..2 {
                sandbox.send(&mail, NOW).unwrap();
            }
        }
        let journal = Sandbox::new(store).journal().unwrap();
        assert_eq!((journal.emails(), journal.deliveries()), (1, 6));
    }

    #[test]
    fn many_emails_are_all_found() {
        for is_like_redis in [false, true] {
            let sandbox = Sandbox::new(Memory::default());
            sandbox.store.is_like_redis.set(is_like_redis);
            for id in 0..200 {
                let later = Timestamp(NOW.0 + u64::try_from(id).unwrap() * 700);
                sandbox.send(&mail(id, "kari@example.no"), later).unwrap();
            }
            let journal = sandbox.journal().unwrap();
            assert_eq!((journal.emails(), journal.deliveries()), (200, 200));
        }
    }

    #[test]
    fn transient_twice_counts_by_email() {
        let sandbox = Sandbox::new(Memory::default());
        for id in [1, 2] {
            let mail = mail(id, "transient-twice@example.no");
            for _ in 0..2 {
                let failure = sandbox.send(&mail, NOW).unwrap_err();
                assert!(matches!(failure, Failure::Transient(_)), "{failure:?}");
            }
            assert!(sandbox.send(&mail, NOW).is_ok());
        }
    }

    #[test]
    fn a_store_that_fails_is_a_transient_failure_and_hides_nothing_later() {
        let sandbox = Sandbox::new(Memory::default());
        sandbox.send(&mail(1, "kari@example.no"), NOW).unwrap();
        sandbox.store.fails.set(true);
        let failure = sandbox.send(&mail(2, "kari@example.no"), NOW);
        assert!(matches!(failure, Err(Failure::Transient(_))), "{failure:?}");
        sandbox.store.fails.set(false);
        sandbox.send(&mail(3, "kari@example.no"), NOW).unwrap();
        let journal = sandbox.journal().unwrap();
        let mut emails = journal.newest();
        emails.sort_unstable();
        assert_eq!(emails, [1, 3].map(Uuid::from_u128));
    }
}
