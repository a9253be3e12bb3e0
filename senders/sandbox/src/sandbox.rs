//! The sender itself: attempts recorded, emails kept, outcomes reported.

use uuid::Uuid;

use crate::{
    KeyValue, Mail, Simulation, StoreError,
    bindings::exports::email_orders::sender::sender::{Failure, Receipt},
    journal::{self, Attempt, Journal, Timestamp},
};

/// The emails in a store.
pub struct Sandbox<S>(S);

impl<S: KeyValue> Sandbox<S> {
    /// The sandbox in this store.
    pub fn new(store: S) -> Self {
        Self(store)
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

    fn record(&self, mail: &Mail, now: Timestamp) -> Result<crate::Outcome, StoreError> {
        let simulation = Simulation::of(&mail.to);
        let number = if simulation.counts() {
            self.0.increment(&journal::count_key(mail.id))?
        } else {
            // Counting would be a durable write more.
            let (random, _) = Uuid::new_v4().as_u64_pair();
            random
        };
        let outcome = simulation.outcome(number);
        let attempt = Attempt {
            at: now,
            id: mail.id,
            number,
            outcome,
        };
        self.0.set_many(vec![
            (journal::mail_key(mail.id), serde_json::to_vec(mail)?),
            // Not every provider keeps an empty value.
            (attempt.key(), b"1".to_vec()),
        ])?;
        Ok(outcome)
    }

    /// What was attempted.
    pub fn journal(&self) -> Result<Journal, StoreError> {
        Ok(Journal::of_keys(&self.0.keys()?))
    }

    /// The email of this notification.
    pub fn mail(&self, id: Uuid) -> Result<Option<Mail>, StoreError> {
        let value = self.0.get(&journal::mail_key(id))?;
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
        let receipt = sandbox.send(&mail, Timestamp(1)).unwrap();
        assert_eq!(receipt.progress, Progress::Delivered);
        assert_eq!(receipt.provider_id, Some(mail.id.to_string()));
        assert_eq!(sandbox.mail(mail.id).unwrap(), Some(mail));
        assert_eq!(sandbox.mail(Uuid::nil()).unwrap(), None);
    }

    #[test]
    fn a_repeat_is_one_email_and_one_more_delivery() {
        let sandbox = Sandbox::new(Memory::default());
        let mail = mail(1, "kari@example.no");
        for _ in 0..3 {
            sandbox.send(&mail, Timestamp(1)).unwrap();
        }
        let journal = sandbox.journal().unwrap();
        assert_eq!((journal.emails(), journal.deliveries()), (1, 3));
    }

    #[test]
    fn transient_twice_counts_by_email() {
        let sandbox = Sandbox::new(Memory::default());
        for id in [1, 2] {
            let mail = mail(id, "transient-twice@example.no");
            for _ in 0..2 {
                let failure = sandbox.send(&mail, Timestamp(1)).unwrap_err();
                assert!(matches!(failure, Failure::Transient(_)), "{failure:?}");
            }
            assert!(sandbox.send(&mail, Timestamp(2)).is_ok());
        }
    }

    #[test]
    fn a_store_that_fails_is_a_transient_failure() {
        let store = Memory::default();
        store.fails.set(true);
        let sandbox = Sandbox::new(store);
        let failure = sandbox.send(&mail(1, "kari@example.no"), Timestamp(1));
        assert!(matches!(failure, Err(Failure::Transient(_))), "{failure:?}");
    }
}
