//! When to retry.

use uuid::Uuid;

use crate::timestamp::Timestamp;

/// The first pause. Each later one is twice as long, up to [`LONGEST_SECONDS`].
const FIRST_SECONDS: i64 = 60;

const LONGEST_SECONDS: i64 = 60 * 60;

/// The pause after a rate limit without a duration.
const RATE_LIMIT_SECONDS: u32 = 60;

/// Returns the next pause: exponential backoff with 25 % jitter, so that orders that failed together
/// are not retried together.
pub(super) fn pause_seconds(pauses: u32) -> i64 {
    let doubled = FIRST_SECONDS
        .checked_shl(pauses.min(6))
        .unwrap_or(LONGEST_SECONDS);
    jittered(doubled.min(LONGEST_SECONDS), Uuid::new_v4().as_u64_pair().0)
}

fn jittered(seconds: i64, random: u64) -> i64 {
    let span = seconds / 2 + 1;
    let share = i64::try_from(random >> 1).unwrap_or_default() % span;
    seconds - seconds / 4 + share
}

/// Returns the end of the pause after a rate limit, at most [`LONGEST_SECONDS`] from now.
pub(super) fn rate_limited_until(seconds: Option<u32>, now: Timestamp) -> Timestamp {
    let seconds = i64::from(seconds.unwrap_or(RATE_LIMIT_SECONDS));
    now.plus_seconds(seconds.clamp(1, LONGEST_SECONDS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pause_doubles_up_to_an_hour() {
        for (pauses, seconds) in [(0, 60), (1, 120), (5, 1920), (6, 3600), (1000, 3600)] {
            for _ in 0..100 {
                let pause = pause_seconds(pauses);
                let bounds = seconds - seconds / 4..=seconds + seconds / 4 + 1;
                assert!(bounds.contains(&pause), "{pauses}: {pause}");
            }
        }
    }

    #[test]
    fn pause_has_jitter() {
        assert_eq!(jittered(60, 0), 45);
        assert_eq!(jittered(60, 60), 75);
        assert_ne!(jittered(3600, u64::MAX), jittered(3600, u64::MAX / 3));
    }

    #[test]
    fn rate_limit_is_clamped() {
        let now = Timestamp::parse("2026-06-01T12:00:00Z").unwrap();
        for (requested, seconds) in [
            (None, 60),
            (Some(0), 1),
            (Some(5), 5),
            (Some(u32::MAX), 3600),
        ] {
            assert_eq!(
                rate_limited_until(requested, now),
                now.plus_seconds(seconds)
            );
        }
    }
}
