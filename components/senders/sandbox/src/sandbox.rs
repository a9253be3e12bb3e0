//! The sender: records attempts, stores emails, and reports simulated outcomes.

use std::sync::{Mutex, PoisonError};

use sender_shared::{Failure, Receipt};
use uuid::Uuid;

use crate::{
    KeyValue, Mail, SimulatedOutcome, Simulation, StoreError,
    journal::{self, Attempt, Journal, MAX_PAGES, PageWriter, UnixMillis},
};

/// The emails in a store. An instance has one sandbox.
pub struct Sandbox<S> {
    store: S,
    /// The writer of this instance's current page; none before the first attempt and after a failed
    /// write.
    writer: Mutex<Option<PageWriter>>,
}

impl<S: KeyValue> Sandbox<S> {
    /// Creates the sandbox in a store.
    pub fn new(store: S) -> Self {
        Self {
            store,
            writer: Mutex::default(),
        }
    }

    /// Stores an email and returns the result that its recipient simulates.
    pub(crate) fn send(&self, mail: &Mail, now: UnixMillis) -> Result<Receipt, Failure> {
        let outcome = self.record(mail, now).map_err(|error| {
            // The store is the sandbox's provider: a retry may succeed.
            Failure::Transient(error.to_string())
        })?;
        Ok(Receipt {
            progress: outcome.result()?,
            provider_id: Some(mail.id.to_string()),
        })
    }

    fn record(&self, mail: &Mail, now: UnixMillis) -> Result<SimulatedOutcome, StoreError> {
        let simulation = Simulation::of(&mail.to);
        let mut entries = vec![(journal::mail_key(mail.id), serde_json::to_vec(mail)?)];
        let outcome = if simulation.depends_on_attempt() {
            let number = self.tries(mail.id)? + 1;
            let tries = number.to_string().into_bytes();
            entries.push((journal::tries_key(mail.id), tries));
            simulation.outcome(number)
        } else {
            simulation.outcome(1)
        };
        let mut current = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut writer = match current.take() {
            Some(writer) if writer.is_open(now) => writer,
            previous => PageWriter::new(now, previous.as_ref()),
        };
        entries.extend(writer.append(&Attempt {
            at: now,
            id: mail.id,
            outcome,
        }));
        // A failed write may be partial, so the next attempt then starts a new page.
        self.store.set_many(entries)?;
        *current = Some(writer);
        Ok(outcome)
    }

    /// Returns the number of attempts of an email. The attempts of one email are normally
    /// sequential; of two concurrent ones, one is not counted.
    fn tries(&self, id: Uuid) -> Result<u64, StoreError> {
        let value = self.store.get(&journal::tries_key(id))?;
        let number = value.and_then(|text| str::from_utf8(&text).ok()?.parse().ok());
        Ok(number.unwrap_or(0))
    }

    /// Reads the journal: the newest [`MAX_PAGES`] pages.
    pub fn journal(&self) -> Result<Journal, StoreError> {
        Journal::read(&self.store, MAX_PAGES)
    }

    /// Reads the email of a notification.
    pub fn mail(&self, id: Uuid) -> Result<Option<Mail>, StoreError> {
        let value = self.store.get(&journal::mail_key(id))?;
        Ok(value.as_deref().map(serde_json::from_slice).transpose()?)
    }
}

#[cfg(test)]
mod tests {
    use sender_shared::Progress;

    use super::*;
    use crate::{mail::ContentType, store::fake::FakeStore};

    const NOW: UnixMillis = UnixMillis(1_790_000_000_000);

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
    fn send_email_stores_it() {
        let sandbox = Sandbox::new(FakeStore::default());
        let mail = mail(1, "kari@example.no");
        let receipt = sandbox.send(&mail, NOW).unwrap();
        assert_eq!(receipt.progress, Progress::Delivered);
        assert_eq!(receipt.provider_id, Some(mail.id.to_string()));
        assert_eq!(sandbox.mail(mail.id).unwrap(), Some(mail));
        assert_eq!(sandbox.mail(Uuid::nil()).unwrap(), None);
    }

    #[test]
    fn send_email_costs_one_write() {
        let sandbox = Sandbox::new(FakeStore::default());
        for id in 1..=3 {
            sandbox.send(&mail(id, "kari@example.no"), NOW).unwrap();
        }
        assert_eq!(sandbox.store.calls.get(), 3);
    }

    #[test]
    fn send_repeat_counts_one_email_and_more_deliveries() {
        let store = &FakeStore::default();
        let mail = mail(1, "kari@example.no");
        for _ in 0..3 {
            // By the same and by other instances.
            let sandbox = Sandbox::new(store);
            for _ in 0..2 {
                sandbox.send(&mail, NOW).unwrap();
            }
        }
        let journal = Sandbox::new(store).journal().unwrap();
        assert_eq!((journal.emails(), journal.deliveries()), (1, 6));
    }

    #[test]
    fn journal_of_many_emails_has_all() {
        for is_like_redis in [false, true] {
            let sandbox = Sandbox::new(FakeStore::default());
            sandbox.store.is_like_redis.set(is_like_redis);
            for id in 0..200 {
                let later = UnixMillis(NOW.0 + u64::try_from(id).unwrap() * 700);
                sandbox.send(&mail(id, "kari@example.no"), later).unwrap();
            }
            let journal = sandbox.journal().unwrap();
            assert_eq!((journal.emails(), journal.deliveries()), (200, 200));
        }
    }

    #[test]
    fn send_transient_twice_counts_per_email() {
        let sandbox = Sandbox::new(FakeStore::default());
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
    fn send_with_failing_store_is_transient_and_later_emails_are_found() {
        let sandbox = Sandbox::new(FakeStore::default());
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
