//! Attempts to send an email, and their lines in a page.

use std::fmt;

use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use crate::SimulatedOutcome;

/// One attempt to send an email.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// When the attempt was made.
    pub at: UnixMillis,
    /// The notification id of the email.
    pub id: Uuid,
    /// The result of the attempt.
    pub outcome: SimulatedOutcome,
}

/// A time, as milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnixMillis(pub u64);

impl fmt::Display for UnixMillis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = OffsetDateTime::UNIX_EPOCH + std::time::Duration::from_millis(self.0);
        let text = time.format(&Rfc3339).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

impl Attempt {
    /// Returns the line of a page for this attempt.
    pub(super) fn to_line(self) -> String {
        let Self {
            at: UnixMillis(at),
            id,
            outcome,
        } = self;
        format!("{at} {id} {outcome}\n")
    }

    fn parse(line: &str) -> Option<Self> {
        let mut parts = line.split(' ');
        let attempt = Self {
            at: UnixMillis(parts.next()?.parse().ok()?),
            id: parts.next()?.parse().ok()?,
            outcome: parts.next()?.parse().ok()?,
        };
        parts.next().is_none().then_some(attempt)
    }
}

/// Returns the attempts in a page. Ignores lines of another form.
pub(super) fn parse_page(page: &[u8]) -> impl Iterator<Item = Attempt> {
    let lines = str::from_utf8(page).unwrap_or_default().lines();
    lines.filter_map(Attempt::parse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_page_returns_written_attempts() {
        let attempt = Attempt {
            at: UnixMillis(1_790_000_000_123),
            id: Uuid::from_u128(7),
            outcome: SimulatedOutcome::TooLarge,
        };
        let line = attempt.to_line();
        let page = format!("{line}{line}");
        let read: Vec<_> = parse_page(page.as_bytes()).collect();
        assert_eq!(read, [attempt, attempt]);
    }

    #[test]
    fn parse_page_ignores_malformed_lines() {
        let id = Uuid::from_u128(1);
        for line in [
            format!("1 {id} delivered more"),
            format!("1 {id}"),
            format!("x {id} delivered"),
            format!("1 {id} lost"),
            String::new(),
        ] {
            assert_eq!(parse_page(line.as_bytes()).count(), 0, "{line}");
        }
        assert_eq!(parse_page(b"\xff").count(), 0);
    }

    #[test]
    fn display_of_time_is_rfc3339_in_utc() {
        assert_eq!(UnixMillis(1_500).to_string(), "1970-01-01T00:00:01.5Z");
    }
}
