//! The wall clock of the hosts.

use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use crate::backend;

/// Returns the time on the hosts' wall clock.
pub fn now() -> OffsetDateTime {
    backend::chosen().now()
}

/// Returns the instant so many seconds from now, as the API takes it.
pub fn in_seconds(seconds: i64) -> String {
    text(now() + Duration::seconds(seconds))
}

/// Returns an instant as the API takes it.
pub fn text(instant: OffsetDateTime) -> String {
    instant.format(&Rfc3339).expect("a date-time")
}
