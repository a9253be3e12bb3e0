//! The keys and values of the sandbox.
//!
//! | key | value | written |
//! |---|---|---|
//! | `eo:sandbox:mail:{id}` | the [`Mail`](crate::Mail), as JSON | with every attempt, unchanged |
//! | `eo:sandbox:tries:{id}` | the number of attempts, where it matters | with every attempt |
//! | `eo:sandbox:lane:{prefix}` | `1`, a marker: a page's name has this prefix | the same by all |
//! | `eo:sandbox:page:{name}` | the attempts of a page, one per line | by the page's writer |
//!
//! **Pages.** Many instances record attempts at the same time. No provider has a counter that is
//! sound for all of them, and keys must not be listed: on SQLite, a listing can hang the host for
//! good (Spin 4.1). Each instance therefore writes pages of its own, with a [`PageWriter`], and
//! markers that lead to them: one for each prefix of a page's name. A reader asks for the 16 digits
//! that may follow a prefix, and so finds every page. Markers have the same value from every
//! instance, and each page has one writer, so no instance overwrites the data of another. An
//! attempt costs one write and no read.
//!
//! **Newest first.** A page's name begins with its time, see [`PageWriter`]. A reader keeps only
//! the greatest prefixes at each digit, and ends with the newest pages. The number of prefixes that
//! it keeps bounds the cost, whatever is stored.

mod attempt;
mod newest_pages;
mod page_writer;

use std::collections::HashMap;

use uuid::Uuid;

use crate::{KeyValue, StoreError};
pub use attempt::{Attempt, UnixMillis};
pub(crate) use page_writer::PageWriter;

/// The prefix of all keys of the sandbox.
const PREFIX: &str = "eo:sandbox:";

/// The maximum number of pages in a journal. Each page has up to [`page_writer::MAX_ATTEMPTS`].
pub const MAX_PAGES: usize = 1024;

/// Returns the key of an email.
pub(crate) fn mail_key(id: Uuid) -> String {
    format!("{PREFIX}mail:{id}")
}

/// Returns the key of an email's number of attempts.
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
    /// Reads the newest pages of a store, at most `max_pages`.
    pub(crate) fn read(store: &impl KeyValue, max_pages: usize) -> Result<Self, StoreError> {
        let newest = newest_pages::read(store, max_pages)?;
        let attempts = newest
            .pages
            .iter()
            .flat_map(|page| attempt::parse_page(page));
        Ok(Self {
            has_older: newest.has_older,
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

    /// Returns whether the store has older attempts than these.
    #[must_use]
    pub fn has_older(&self) -> bool {
        self.has_older
    }

    /// Returns the number of emails.
    #[must_use]
    pub fn emails(&self) -> usize {
        self.emails.len()
    }

    /// Returns the number of attempts that sent an email.
    #[must_use]
    pub fn deliveries(&self) -> usize {
        let emails = self.emails.values();
        emails.map(|attempts| deliveries(attempts)).sum()
    }

    /// Returns the attempts of one email, the oldest first.
    #[must_use]
    pub fn of_email(&self, id: Uuid) -> &[Attempt] {
        self.emails.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Returns the emails, the one with the newest attempt first.
    #[must_use]
    pub fn newest(&self) -> Vec<Uuid> {
        let last_attempt =
            |(id, attempts): (&Uuid, &Vec<Attempt>)| Some((attempts.last()?.at, *id));
        let mut emails: Vec<_> = self.emails.iter().filter_map(last_attempt).collect();
        emails.sort_unstable_by(|a, b| b.cmp(a));
        emails.into_iter().map(|(_, id)| id).collect()
    }
}

/// Returns how many of these attempts sent the email.
#[must_use]
pub fn deliveries(attempts: &[Attempt]) -> usize {
    let is_sent = |attempt: &&Attempt| attempt.outcome.is_sent();
    attempts.iter().filter(is_sent).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SimulatedOutcome;

    #[test]
    fn newest_sorts_emails_by_last_attempt() {
        let attempt = |at, id, outcome| Attempt {
            at: UnixMillis(at),
            id: Uuid::from_u128(id),
            outcome,
        };
        // Pages are read in any order.
        let journal = Journal::of(
            [
                attempt(30, 1, SimulatedOutcome::Delivered),
                attempt(20, 2, SimulatedOutcome::Delivered),
                attempt(10, 1, SimulatedOutcome::Transient),
                attempt(30, 1, SimulatedOutcome::Delivered),
            ]
            .into_iter(),
        );
        assert_eq!(journal.newest(), [1, 2].map(Uuid::from_u128));
        assert_eq!((journal.emails(), journal.deliveries()), (2, 3));
        let first = journal.of_email(Uuid::from_u128(1));
        assert_eq!(first[0].outcome, SimulatedOutcome::Transient);
        assert_eq!((first.len(), deliveries(first)), (3, 2));
        assert!(journal.of_email(Uuid::nil()).is_empty());
    }
}
