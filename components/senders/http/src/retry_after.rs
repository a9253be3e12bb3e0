//! `Retry-After`.

use std::time::{Duration, SystemTime};

use http::{Response, header};

/// Returns the duration of `Retry-After`, which is a number of seconds or a date (RFC 9110, section
/// 10.2.3). A date in the past means no wait.
pub fn retry_after<B>(response: &Response<B>, now: SystemTime) -> Option<Duration> {
    let value = response.headers().get(header::RETRY_AFTER)?;
    let value = value.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

/// Returns the whole seconds of a wait, rounded up so that no attempt is too early.
pub fn whole_seconds(wait: Duration) -> u32 {
    let seconds = wait
        .as_secs()
        .saturating_add(u64::from(wait.subsec_nanos() > 0));
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn retry_after_accepts_seconds_and_dates() {
        let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        for (value, wait) in [
            ("7", Some(7)),
            (" 0 ", Some(0)),
            ("Tue, 14 Nov 2023 22:13:50 GMT", Some(30)),
            ("Tue, 14 Nov 2023 22:13:10 GMT", Some(0)),
            ("-1", None),
            ("soon", None),
        ] {
            let response = Response::builder().header("retry-after", value);
            let response = response.body(()).unwrap();
            let wait = wait.map(Duration::from_secs);
            assert_eq!(retry_after(&response, now), wait, "{value}");
        }
        assert_eq!(retry_after(&Response::new(()), now), None);
    }

    #[test]
    fn whole_seconds_are_rounded_up() {
        assert_eq!(whole_seconds(Duration::from_millis(1001)), 2);
        assert_eq!(whole_seconds(Duration::from_secs(1)), 1);
        assert_eq!(whole_seconds(Duration::MAX), u32::MAX);
    }
}
