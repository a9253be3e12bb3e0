//! The wall clock of the hosts.

use std::time::Duration;

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{backend, left_out};

/// The longest that a case waits on a host with real time.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Returns the time on the hosts' wall clock.
pub fn now() -> OffsetDateTime {
    backend::chosen().now()
}

/// Returns the instant so many seconds from now, as the API takes it.
pub fn in_seconds(seconds: i64) -> String {
    text(now() + time::Duration::seconds(seconds))
}

/// Waits. Where time is real, a case that waits for long is left out.
pub async fn pass(duration: Duration) {
    if duration > LONGEST_WAIT && !backend::chosen().time_jumps() {
        left_out(format!("it waits {duration:?}, and time is real here"));
    }
    tokio::time::sleep(duration).await;
}

/// Returns an instant as the API takes it.
pub fn text(instant: OffsetDateTime) -> String {
    instant.format(&Rfc3339).expect("a date-time")
}
