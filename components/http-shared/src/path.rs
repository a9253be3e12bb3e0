//! Equivalent paths: they differ only in case, in one trailing slash, or in the percent-encoding of
//! unreserved characters (RFC 3986, section 6.2.2.2).

/// Returns the form of a path that is routed: in lower case, without a trailing slash, and with its
/// unreserved characters decoded.
///
/// Reserved characters stay encoded: `%2F` does not separate segments.
#[must_use]
pub fn normal_form(path: &str) -> String {
    let path = match path.strip_suffix('/') {
        Some("") | None => path,
        Some(path) => path,
    };
    let mut normal = decode_unreserved(path);
    normal.make_ascii_lowercase();
    normal
}

fn decode_unreserved(path: &str) -> String {
    let mut normal = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, encoded)) = rest.split_once('%') {
        normal.push_str(before);
        rest = match unreserved(encoded) {
            Some(character) => {
                normal.push(character);
                &encoded[2..]
            }
            None => {
                normal.push('%');
                encoded
            }
        };
    }
    normal.push_str(rest);
    normal
}

/// Decodes the unreserved character (RFC 3986, section 2.3) of two leading hex digits.
fn unreserved(text: &str) -> Option<char> {
    let digits = text.get(..2)?;
    // `from_str_radix` would accept a sign.
    let code = digits
        .bytes()
        .all(|digit| digit.is_ascii_hexdigit())
        .then(|| u8::from_str_radix(digits, 16).ok())??;
    let character = char::from(code);
    (character.is_ascii_alphanumeric() || "-._~".contains(character)).then_some(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_form_of_equivalent_paths_is_equal() {
        for (path, form) in [
            ("/order/email", "/order/email"),
            ("/ORDER/Email/", "/order/email"),
            ("/order/email//", "/order/email/"),
            ("/", "/"),
            ("", ""),
            ("/order/%65mail", "/order/email"),
            ("/%6Frder/%65%6d%61%69%6C/", "/order/email"),
            ("/%4FRDER", "/order"),
            ("/%2D%2e%5F%7E%30%39", "/-._~09"),
            // Reserved and other characters, and invalid encodings.
            ("/order%2Femail", "/order%2femail"),
            ("/%3F%23%5B%40%21%24%26", "/%3f%23%5b%40%21%24%26"),
            ("/%20%00%25%C3%A6", "/%20%00%25%c3%a6"),
            ("/%2565mail", "/%2565mail"),
            ("/%", "/%"),
            ("/%6", "/%6"),
            ("/%6g", "/%6g"),
            ("/%+5", "/%+5"),
            ("/%æ", "/%æ"),
            ("/%%65", "/%e"),
        ] {
            assert_eq!(normal_form(path), form, "{path}");
        }
    }
}
