//! Parameters in a query (`application/x-www-form-urlencoded`).

use std::ops::RangeInclusive;

use crate::order::Violations;

/// The first parameter of this name, whose case does not matter.
pub(super) fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    form_urlencoded::parse(query?.as_bytes())
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.into_owned())
}

/// A parameter that is `true` or `false`; absent it is false.
pub(super) fn flag(query: Option<&str>, name: &str) -> Result<bool, Violations> {
    match parameter(query, name) {
        None => Ok(false),
        Some(value) if value.eq_ignore_ascii_case("true") => Ok(true),
        Some(value) if value.eq_ignore_ascii_case("false") => Ok(false),
        Some(_) => Err(Violations::of(name, "Must be true or false.")),
    }
}

/// A parameter that is a number in this range, written in digits; None if it is absent.
pub(super) fn number(
    query: Option<&str>,
    name: &str,
    range: RangeInclusive<usize>,
) -> Result<Option<usize>, Violations> {
    let Some(text) = parameter(query, name) else {
        return Ok(None);
    };
    // `parse` takes a sign.
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
    fn parameters_are_decoded_and_their_names_match_in_any_case() {
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
    fn flags_are_true_or_false() {
        assert_eq!(flag(Some("dryRun=TRUE"), "dryRun"), Ok(true));
        assert_eq!(flag(Some("dryRun=false"), "dryRun"), Ok(false));
        assert_eq!(flag(None, "dryRun"), Ok(false));
        for query in ["dryRun", "dryRun=", "dryRun=1", "dryRun=yes"] {
            assert!(flag(Some(query), "dryRun").is_err(), "{query}");
        }
    }

    #[test]
    fn numbers_are_in_a_range() {
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
