//! The lifetime of a fetched set of keys: the freshness of HTTP (RFC 9111, section 4.2).

use http::{
    HeaderMap,
    header::{AGE, CACHE_CONTROL},
};

/// The shortest lifetime, so that a tiny `max-age` does not cause a fetch per request.
pub(super) const MIN_LIFETIME_SECONDS: i64 = 5;
/// The longest lifetime, and the default.
pub(super) const MAX_LIFETIME_SECONDS: i64 = 300;

/// Returns the lifetime of a response in seconds: `max-age` minus `Age`, or zero with `no-store` or
/// `no-cache`, clamped to the shortest and longest lifetime.
///
/// The `headers` crate is not used: version 0.4 parses directives only in lower case, and ignores
/// the whole header if one directive is malformed.
pub(super) fn of_response(headers: &HeaderMap) -> i64 {
    let lines = headers.get_all(CACHE_CONTROL).iter();
    let mut directives = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim);
    let mut max_age: Option<i64> = None;
    let is_uncached = directives.any(|directive| {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        let is = |wanted: &str| name.trim().eq_ignore_ascii_case(wanted);
        if is("max-age")
            && let Some(seconds) = delta_seconds(value.trim().trim_matches('"'))
        {
            max_age = Some(max_age.map_or(seconds, |other| other.min(seconds)));
        }
        is("no-store") || is("no-cache")
    });
    if is_uncached {
        return MIN_LIFETIME_SECONDS;
    }
    let age = headers.get(AGE).and_then(|age| age.to_str().ok());
    let age = age.and_then(|age| delta_seconds(age.trim())).unwrap_or(0);
    clamped(max_age.unwrap_or(MAX_LIFETIME_SECONDS) - age)
}

/// Clamps a lifetime to the shortest and longest one.
pub(super) fn clamped(seconds: i64) -> i64 {
    seconds.clamp(MIN_LIFETIME_SECONDS, MAX_LIFETIME_SECONDS)
}

/// Parses a number of seconds. One that is too large for the type counts as very large (RFC 9111,
/// section 1.2.2).
fn delta_seconds(text: &str) -> Option<i64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(i64::from(u32::MAX)))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn lifetime(cache_control: &[&'static str], age: Option<&'static str>) -> i64 {
        let mut headers = HeaderMap::new();
        for line in cache_control {
            headers.append(CACHE_CONTROL, HeaderValue::from_static(line));
        }
        if let Some(age) = age {
            headers.insert(AGE, HeaderValue::from_static(age));
        }
        of_response(&headers)
    }

    #[test]
    fn cache_control_is_clamped_to_the_bounds() {
        for (lines, expected) in [
            (&[][..], 300),
            (&["max-age=60"], 60),
            (&["public, max-age=60"], 60),
            (&["public", "Max-Age=\"60\""], 60),
            (&["max-age=60, max-age=30"], 30),
            (&["max-age=0"], 5),
            (&["max-age=86400"], 300),
            (&["max-age=99999999999999999999"], 300),
            (&["max-age=many"], 300),
            (&["max-age=-1"], 300),
            (&["max-age"], 300),
            (&["no-store"], 5),
            (&["No-Cache, max-age=60"], 5),
            (&["max-age=60", "private, no-store"], 5),
            (&["no-cache=\"set-cookie\""], 5),
            (&["x-no-store, max-age=60"], 60),
        ] {
            assert_eq!(lifetime(lines, None), expected, "{lines:?}");
        }
    }

    #[test]
    fn age_is_subtracted() {
        for (lines, age, expected) in [
            (&["max-age=60"][..], "0", 60),
            (&["max-age=60"], "20", 40),
            (&["max-age=60"], "58", 5),
            (&["max-age=60"], "600", 5),
            (&["max-age=60"], "99999999999999999999", 5),
            (&["max-age=86400"], "1000", 300),
            (&["max-age=86400"], "86300", 100),
            (&["max-age=60"], "soon", 60),
            (&["max-age=60"], "-20", 60),
            (&[], "20", 280),
            (&["no-store"], "20", 5),
        ] {
            assert_eq!(lifetime(lines, Some(age)), expected, "{lines:?} {age}");
        }
    }
}
