//! Parameters in a query (`application/x-www-form-urlencoded`).

use std::ops::RangeInclusive;

use crate::order::Violations;

/// Returns the first parameter of this name, in any case.
pub(super) fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    form_urlencoded::parse(query?.as_bytes())
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.into_owned())
}

/// Returns a parameter that is `true` or `false`; `false` if it is absent.
pub(super) fn flag(query: Option<&str>, name: &str) -> Result<bool, Violations> {
    match parameter(query, name) {
        None => Ok(false),
        Some(value) if value.eq_ignore_ascii_case("true") => Ok(true),
        Some(value) if value.eq_ignore_ascii_case("false") => Ok(false),
        Some(_) => Err(Violations::of(name, "Must be true or false.")),
    }
}

/// Returns whether a parameter is present, with any value but `false`.
pub(super) fn switch(query: Option<&str>, name: &str) -> bool {
    parameter(query, name).is_some_and(|value| !value.eq_ignore_ascii_case("false"))
}

/// Returns a parameter that is a number in this range, in digits; None if it is absent.
pub(super) fn number(
    query: Option<&str>,
    name: &str,
    range: RangeInclusive<usize>,
) -> Result<Option<usize>, Violations> {
    let Some(text) = parameter(query, name) else {
        return Ok(None);
    };
    // `parse` accepts a sign.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(number) if digits && range.contains(&number) => Ok(Some(number)),
        _ => {
            let message = format!(
                "Must be a number from {} to {}.",
                range.start(),
                range.end()
            );
            Err(Violations::of(name, message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameter_is_decoded_and_its_name_matches_in_any_case() {
        for (query, value) in [
            ("sendersReference=a%20b+c", Some("a b c")),
            ("SENDERSREFERENCE=%C3%A6", Some("æ")),
            ("x=1&sendersreference=2&sendersReference=3", Some("2")),
            ("sendersReference", Some("")),
            ("sendersReferenc=1", None),
            ("", None),
        ] {
            let found = parameter(Some(query), "sendersReference");
            assert_eq!(found.as_deref(), value, "{query}");
        }
        assert_eq!(parameter(None, "x"), None);
    }

    #[test]
    fn flag_other_than_true_or_false_is_refused() {
        assert_eq!(flag(Some("dryRun=TRUE"), "dryRun"), Ok(true));
        assert_eq!(flag(Some("dryRun=false"), "dryRun"), Ok(false));
        assert_eq!(flag(None, "dryRun"), Ok(false));
        for query in ["dryRun", "dryRun=", "dryRun=1", "dryRun=yes"] {
            assert!(flag(Some(query), "dryRun").is_err(), "{query}");
        }
    }

    #[test]
    fn switch_is_on_if_present_and_not_false() {
        for (query, is_on) in [
            ("", false),
            ("verbose", true),
            ("VERBOSE=1", true),
            ("verbose=true", true),
            ("verbose=False", false),
            ("verbos=true", false),
        ] {
            assert_eq!(switch(Some(query), "verbose"), is_on, "{query}");
        }
    }

    #[test]
    fn number_outside_its_range_is_refused() {
        for (query, read) in [
            ("", Some(None)),
            ("limit=1", Some(Some(1))),
            ("LIMIT=100", Some(Some(100))),
            ("limit=007", Some(Some(7))),
            ("limit", None),
            ("limit=", None),
            ("limit=0", None),
            ("limit=101", None),
            ("limit=-1", None),
            ("limit=%2B1", None),
            ("limit=1.0", None),
            ("limit=x", None),
            ("limit=99999999999999999999999", None),
        ] {
            let got = number(Some(query), "limit", 1..=100).ok();
            assert_eq!(got, read, "{query}");
        }
    }
}
