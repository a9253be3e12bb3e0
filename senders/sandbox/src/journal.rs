//! What is kept under which key.
//!
//! | key | value |
//! |---|---|
//! | `eo:sandbox:mail:{id}` | the [`Mail`](crate::Mail), as JSON |
//! | `eo:sandbox:count:{id}` | how often it was attempted, where that matters: only ever incremented |
//! | `eo:sandbox:attempt:{ms}:{id}:{n}:{outcome}` | nothing; the key says it all |
//!
//! An attempt has a key of its own, so that attempts that run at once cannot hide each other: how
//! often an email was sent is the number of such keys. A mail's key is written with every attempt,
//! each time with the same value.

use std::collections::HashMap;

use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use crate::Outcome;

/// The start of all keys of the sandbox.
const PREFIX: &str = "eo:sandbox:";

/// The key of an email.
pub(crate) fn mail_key(id: Uuid) -> String {
    format!("{PREFIX}mail:{id}")
}

/// The key of an email's count of attempts.
pub(crate) fn count_key(id: Uuid) -> String {
    format!("{PREFIX}count:{id}")
}

/// One attempt to send an email.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// When it was.
    pub at: Timestamp,
    /// Of which email.
    pub id: Uuid,
    /// Tells the email's attempts apart: counted from one where that matters, else random.
    pub number: u64,
    /// What became of it.
    pub outcome: Outcome,
}

impl Attempt {
    /// The key that says it.
    pub(crate) fn key(&self) -> String {
        let Self {
            at: Timestamp(at),
            id,
            number,
            outcome,
        } = self;
        format!("{PREFIX}attempt:{at}:{id}:{number}:{outcome}")
    }

    /// The attempt that a key says, if it is the key of one.
    pub(crate) fn of_key(key: &str) -> Option<Self> {
        let mut parts = key
            .strip_prefix(PREFIX)?
            .strip_prefix("attempt:")?
            .split(':');
        let attempt = Self {
            at: Timestamp(parts.next()?.parse().ok()?),
            id: parts.next()?.parse().ok()?,
            number: parts.next()?.parse().ok()?,
            outcome: parts.next()?.parse().ok()?,
        };
        parts.next().is_none().then_some(attempt)
    }
}

/// Milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(pub u64);

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let time = OffsetDateTime::UNIX_EPOCH + std::time::Duration::from_millis(self.0);
        let text = time.format(&Rfc3339).map_err(|_| std::fmt::Error)?;
        f.write_str(&text)
    }
}

/// All attempts, by email.
#[derive(Debug, Default)]
pub struct Journal(HashMap<Uuid, Vec<Attempt>>);

impl Journal {
    /// Reads it from the keys of a store, whatever else is there.
    pub(crate) fn of_keys(keys: &[String]) -> Self {
        let mut emails = HashMap::<_, Vec<_>>::new();
        for attempt in keys.iter().filter_map(|key| Attempt::of_key(key)) {
            emails.entry(attempt.id).or_default().push(attempt);
        }
        for attempts in emails.values_mut() {
            attempts.sort_by_key(|attempt| (attempt.at, attempt.number));
        }
        Self(emails)
    }

    /// How many emails there are.
    #[must_use]
    pub fn emails(&self) -> usize {
        self.0.len()
    }

    /// How many attempts sent an email.
    #[must_use]
    pub fn deliveries(&self) -> usize {
        self.0.values().map(|attempts| deliveries(attempts)).sum()
    }

    /// The attempts of one email, the oldest first.
    #[must_use]
    pub fn of(&self, id: Uuid) -> &[Attempt] {
        self.0.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The emails by their last attempt, the newest first.
    #[must_use]
    pub fn newest(&self) -> Vec<Uuid> {
        let last = |(id, attempts): (&Uuid, &Vec<Attempt>)| Some((attempts.last()?.at, *id));
        let mut emails: Vec<_> = self.0.iter().filter_map(last).collect();
        emails.sort_unstable_by(|a, b| b.cmp(a));
        emails.into_iter().map(|(_, id)| id).collect()
    }
}

/// How many of these attempts sent the email.
#[must_use]
pub fn deliveries(attempts: &[Attempt]) -> usize {
    let sent = |attempt: &&Attempt| attempt.outcome.is_sent();
    attempts.iter().filter(sent).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(at: u64, id: u128, number: u64, outcome: Outcome) -> Attempt {
        Attempt {
            at: Timestamp(at),
            id: Uuid::from_u128(id),
            number,
            outcome,
        }
    }

    #[test]
    fn a_key_says_the_attempt() {
        let attempt = attempt(1_790_000_000_123, 7, 3, Outcome::TooLarge);
        let key = attempt.key();
        assert_eq!(Attempt::of_key(&key), Some(attempt));
        let portable = |c: char| c.is_ascii_alphanumeric() || "._:-".contains(c);
        assert!(key.chars().all(portable) && key.len() <= 255, "{key}");
    }

    #[test]
    fn other_keys_say_none() {
        let id = Uuid::from_u128(1);
        for key in [
            mail_key(id),
            count_key(id),
            "eo:order:1".to_owned(),
            format!("eo:sandbox:attempt:1:{id}:1:delivered:more"),
            format!("eo:sandbox:attempt:1:{id}:1"),
            String::new(),
        ] {
            assert_eq!(Attempt::of_key(&key), None, "{key}");
        }
    }

    #[test]
    fn emails_are_listed_by_their_last_attempt() {
        let keys: Vec<_> = [
            attempt(10, 1, 1, Outcome::Transient),
            attempt(20, 2, 1, Outcome::Delivered),
            attempt(30, 1, 2, Outcome::Delivered),
            attempt(30, 1, 3, Outcome::Delivered),
        ]
        .iter()
        .map(Attempt::key)
        .collect();
        let journal = Journal::of_keys(&keys);
        assert_eq!(journal.newest(), [1, 2].map(Uuid::from_u128));
        assert_eq!((journal.emails(), journal.deliveries()), (2, 3));
        let first = journal.of(Uuid::from_u128(1));
        assert_eq!((first.len(), deliveries(first)), (3, 2));
        assert!(journal.of(Uuid::nil()).is_empty());
    }

    #[test]
    fn times_are_shown_in_utc() {
        assert_eq!(Timestamp(1_500).to_string(), "1970-01-01T00:00:01.5Z");
    }
}
