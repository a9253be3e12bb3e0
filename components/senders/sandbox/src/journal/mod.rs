//! What is kept under which key.
//!
//! | key | value | written |
//! |---|---|---|
//! | `eo:sandbox:mail:{id}` | the [`Mail`](crate::Mail), as JSON | with every attempt, the same |
//! | `eo:sandbox:tries:{id}` | how often it was attempted, where that matters | with every attempt |
//! | `eo:sandbox:lane:{prefix}` | `1`: some lane's name begins so | the same by all |
//! | `eo:sandbox:page:{lane}` | the lane's attempts, a line each | by the lane's instance |
//!
//! **Lanes.** Attempts are made by many instances at once, no provider counts soundly for all of
//! them, and keys cannot be listed: on SQLite a listing may hang the host for good (Spin 4.1). So
//! each instance writes a page of its own, a [`Lane`], and markers that lead to it: one for each
//! prefix of its name. A reader asks for the 16 digits that may follow a prefix, and so finds every
//! lane. Markers are the same whoever writes them, and a page has one writer, so that no instance
//! hides what another has written. An attempt is one write, without a read.
//!
//! **Newest first.** A lane's name begins with the time: see [`Lane`]. A reader that keeps the
//! greatest names at each digit ends with the newest pages, at a cost that is bounded by how many
//! it keeps, whatever is stored.

mod attempt;
mod lane;
mod walk;

use std::collections::HashMap;

use uuid::Uuid;

use crate::{KeyValue, StoreError};
pub use attempt::{Attempt, Timestamp};
pub(crate) use lane::Lane;

/// The start of all keys of the sandbox.
const PREFIX: &str = "eo:sandbox:";

/// How many of the newest pages a journal is read from. Each has up to [`lane::MAX_ATTEMPTS`].
pub const MAX_PAGES: usize = 1024;

/// The key of an email.
pub(crate) fn mail_key(id: Uuid) -> String {
    format!("{PREFIX}mail:{id}")
}

/// The key of an email's count of attempts.
pub(crate) fn tries_key(id: Uuid) -> String {
    format!("{PREFIX}tries:{id}")
}

/// The newest attempts, by email.
#[derive(Debug, Default)]
pub struct Journal {
    emails: HashMap<Uuid, Vec<Attempt>>,
    has_older: bool,
}

impl Journal {
    /// Reads it from the newest pages of a store, so many at the most.
    pub(crate) fn read(store: &impl KeyValue, pages: usize) -> Result<Self, StoreError> {
        let found = walk::newest(store, pages)?;
        let attempts = found.pages.iter().flat_map(|page| attempt::of_page(page));
        Ok(Self {
            has_older: found.has_older,
            ..Self::of(attempts)
        })
    }

    fn of(attempts: impl Iterator<Item = Attempt>) -> Self {
        let mut emails = HashMap::<_, Vec<_>>::new();
        for attempt in attempts {
            emails.entry(attempt.id).or_default().push(attempt);
        }
        for attempts in emails.values_mut() {
            attempts.sort_by_key(|attempt| attempt.at);
        }
        Self {
            emails,
            has_older: false,
        }
    }

    /// Whether there are attempts that are older than all of these.
    #[must_use]
    pub fn has_older(&self) -> bool {
        self.has_older
    }

    /// How many emails there are.
    #[must_use]
    pub fn emails(&self) -> usize {
        self.emails.len()
    }

    /// How many attempts sent an email.
    #[must_use]
    pub fn deliveries(&self) -> usize {
        let emails = self.emails.values();
        emails.map(|attempts| deliveries(attempts)).sum()
    }

    /// The attempts of one email, the oldest first.
    #[must_use]
    pub fn of_email(&self, id: Uuid) -> &[Attempt] {
        self.emails.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The emails by their last attempt, the newest first.
    #[must_use]
    pub fn newest(&self) -> Vec<Uuid> {
        let last = |(id, attempts): (&Uuid, &Vec<Attempt>)| Some((attempts.last()?.at, *id));
        let mut emails: Vec<_> = self.emails.iter().filter_map(last).collect();
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
    use crate::Outcome;

    #[test]
    fn emails_are_listed_by_their_last_attempt() {
        let attempt = |at, id, outcome| Attempt {
            at: Timestamp(at),
            id: Uuid::from_u128(id),
            outcome,
        };
        // Pages come in any order.
        let journal = Journal::of(
            [
                attempt(30, 1, Outcome::Delivered),
                attempt(20, 2, Outcome::Delivered),
                attempt(10, 1, Outcome::Transient),
                attempt(30, 1, Outcome::Delivered),
            ]
            .into_iter(),
        );
        assert_eq!(journal.newest(), [1, 2].map(Uuid::from_u128));
        assert_eq!((journal.emails(), journal.deliveries()), (2, 3));
        let first = journal.of_email(Uuid::from_u128(1));
        assert_eq!(first[0].outcome, Outcome::Transient);
        assert_eq!((first.len(), deliveries(first)), (3, 2));
        assert!(journal.of_email(Uuid::nil()).is_empty());
    }
}
