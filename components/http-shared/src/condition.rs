//! Conditional requests (RFC 9110, section 13.1).
//!
//! This is our own code because the same two conditions by the `headers` crate (0.4.2) make a
//! WebAssembly component 7 KB larger, and the order component is close to its size limit.

use http::{
    HeaderMap, HeaderName,
    header::{IF_MATCH, IF_NONE_MATCH},
};

/// Returns whether `If-None-Match` names an entity tag, by weak comparison, or is `*`.
#[must_use]
pub fn if_none_match(request: &HeaderMap, tag: &str) -> bool {
    names(request, &IF_NONE_MATCH, &|known| {
        known.strip_prefix("W/").unwrap_or(known) == tag
    })
}

/// Returns whether `If-Match` names an entity tag, by strong comparison, or is `*`.
#[must_use]
pub fn if_match(request: &HeaderMap, tag: &str) -> bool {
    names(request, &IF_MATCH, &|known| known == tag)
}

/// Returns whether a list of entity tags has a match or is `*`.
fn names(request: &HeaderMap, header: &HeaderName, is_match: &dyn Fn(&str) -> bool) -> bool {
    let lines = request.get_all(header).iter();
    // Tags of these components contain no comma. A foreign tag may be split, and still not match.
    let mut tags = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(',').map(str::trim));
    tags.any(|tag| tag == "*" || is_match(tag))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(name: &HeaderName, lines: &[&str]) -> HeaderMap {
        let value = |line: &&str| (name.clone(), HeaderValue::from_str(line).unwrap());
        let mut headers = HeaderMap::new();
        headers.extend(
            lines
                .iter()
                .map(value)
                .map(|(name, value)| (Some(name), value)),
        );
        headers
    }

    #[test]
    fn conditions_with_matching_tag_hold() {
        for lines in [
            &["*"][..],
            &["\"a\""],
            &["\"b\", \"a\""],
            &["\"b\"", "\"a\""],
        ] {
            assert!(if_match(&headers(&IF_MATCH, lines), "\"a\""), "{lines:?}");
            assert!(
                if_none_match(&headers(&IF_NONE_MATCH, lines), "\"a\""),
                "{lines:?}"
            );
        }
    }

    #[test]
    fn conditions_without_matching_tag_do_not_hold() {
        for lines in [&[][..], &[""], &["\"b\""], &["a"], &["\"a"]] {
            assert!(!if_match(&headers(&IF_MATCH, lines), "\"a\""), "{lines:?}");
            assert!(
                !if_none_match(&headers(&IF_NONE_MATCH, lines), "\"a\""),
                "{lines:?}"
            );
        }
    }

    #[test]
    fn weak_tag_matches_if_none_match_only() {
        assert!(!if_match(&headers(&IF_MATCH, &["W/\"a\""]), "\"a\""));
        assert!(if_none_match(
            &headers(&IF_NONE_MATCH, &["W/\"a\""]),
            "\"a\""
        ));
    }
}
