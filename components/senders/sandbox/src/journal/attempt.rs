//! Attempts to send an email, and how a page has them.

use std::fmt;

use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use crate::Outcome;

/// One attempt to send an email.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// When it was.
    pub at: Timestamp,
    /// Of which email.
    pub id: Uuid,
    /// What became of it.
    pub outcome: Outcome,
}

/// Milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(pub u64);

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = OffsetDateTime::UNIX_EPOCH + std::time::Duration::from_millis(self.0);
        let text = time.format(&Rfc3339).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

impl Attempt {
    /// The line of a page that says it.
    pub(super) fn line(&self) -> String {
        let Self {
            at: Timestamp(at),
            id,
            outcome,
        } = self;
        format!("{at} {id} {outcome}\n")
    }

    fn of_line(line: &str) -> Option<Self> {
        let mut parts = line.split(' ');
        let attempt = Self {
            at: Timestamp(parts.next()?.parse().ok()?),
            id: parts.next()?.parse().ok()?,
            outcome: parts.next()?.parse().ok()?,
        };
        parts.next().is_none().then_some(attempt)
    }
}

/// The attempts in a page. Lines of another form say nothing: whoever has written them, it was not
/// the sandbox.
pub(super) fn of_page(page: &[u8]) -> impl Iterator<Item = Attempt> {
    let lines = str::from_utf8(page).unwrap_or_default().lines();
    lines.filter_map(Attempt::of_line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_the_attempt() {
        let attempt = Attempt {
            at: Timestamp(1_790_000_000_123),
            id: Uuid::from_u128(7),
            outcome: Outcome::TooLarge,
        };
        let line = attempt.line();
        let page = format!("{line}{line}");
        let read: Vec<_> = of_page(page.as_bytes()).collect();
        assert_eq!(read, [attempt, attempt]);
    }

    #[test]
    fn other_lines_say_nothing() {
        let id = Uuid::from_u128(1);
        for line in [
            format!("1 {id} delivered more"),
            format!("1 {id}"),
            format!("x {id} delivered"),
            format!("1 {id} lost"),
            String::new(),
        ] {
            assert_eq!(of_page(line.as_bytes()).count(), 0, "{line}");
        }
        assert_eq!(of_page(b"\xff").count(), 0);
    }

    #[test]
    fn times_are_shown_in_utc() {
        assert_eq!(Timestamp(1_500).to_string(), "1970-01-01T00:00:01.5Z");
    }
}
