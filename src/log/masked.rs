//! Masking of what identifies a person.

use std::fmt;

/// Replaces masked text.
const MASK: &str = "***";

/// Longer texts are cut.
const MAX_CHARS: usize = 1000;

/// The digits of an organisation number, the shortest number that identifies a recipient.
const IDENTITY_DIGITS: usize = 9;

/// A text of another program, displayed without addresses, long numbers and queries of URLs.
///
/// Providers repeat recipients in their answers, and clients' URLs may identify a person. [`MASK`]
/// replaces words with an `@`, numbers of [`IDENTITY_DIGITS`] digits or more, and the text after the
/// `?` or `#` of a URL.
#[derive(Debug, Clone, Copy)]
pub(super) struct Masked<'a>(pub(super) &'a str);

impl fmt::Display for Masked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (text, is_cut) = match self.0.char_indices().nth(MAX_CHARS) {
            Some((end, _)) => (&self.0[..end], true),
            None => (self.0, false),
        };
        for piece in text.split_inclusive(is_separator) {
            let word = piece.trim_end_matches(is_separator);
            write_word(word, f)?;
            f.write_str(&piece[word.len()..])?;
        }
        if is_cut { f.write_str("…") } else { Ok(()) }
    }
}

/// Returns whether a character ends a word. Addresses, numbers and URLs contain none of these,
/// except addresses with a quoted local part, which no order can have.
fn is_separator(c: char) -> bool {
    c.is_whitespace() || "\"'`<>()[]{},;|\\".contains(c)
}

fn write_word(word: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if word.contains('@') {
        return f.write_str(MASK);
    }
    // Query and fragment of a URL are the client's text.
    let is_url = word.contains("://");
    let public = if is_url { word.find(['?', '#']) } else { None };
    let (word, is_cut) = match public {
        Some(end) => (&word[..=end], true),
        None => (word, false),
    };
    for piece in word.split_inclusive(|c: char| !c.is_alphanumeric()) {
        let name = piece.trim_end_matches(|c: char| !c.is_alphanumeric());
        let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
        if is_number && name.len() >= IDENTITY_DIGITS {
            f.write_str(MASK)?;
            f.write_str(&piece[name.len()..])?;
        } else {
            f.write_str(piece)?;
        }
    }
    if is_cut { f.write_str(MASK) } else { Ok(()) }
}

/// Returns the first letter and the domain of an address: `s***@example.no`.
pub(super) fn masked(address: &str) -> String {
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let first = local.chars().next().map(String::from).unwrap_or_default();
    format!("{first}{MASK}@{domain}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masked_address_is_first_letter_and_domain() {
        assert_eq!(masked("someone@example.no"), "s***@example.no");
        assert_eq!(masked("å@example.no"), "å***@example.no");
        assert_eq!(masked("nonsense"), "n***@");
        assert_eq!(masked(""), "***@");
    }

    #[test]
    fn masked_text_identifies_no_person() {
        for (text, shown) in [
            ("", ""),
            (
                "the relay answers 550 5.1.1 to RCPT TO",
                "the relay answers 550 5.1.1 to RCPT TO",
            ),
            (
                "550 <kari@example.no>: no such user",
                "550 <***>: no such user",
            ),
            (
                r#"invalid type: string "16069412345", expected a map"#,
                r#"invalid type: string "***", expected a map"#,
            ),
            ("to=kåre.ås@example.no, 991825827.", "***, ***."),
            ("numbers:16069412345/02056260016", "numbers:***/***"),
            (
                "12345678 and a1b2c3d4e5f60718",
                "12345678 and a1b2c3d4e5f60718",
            ),
            (
                "GET https://api.example.no/persons/16069412345?name=Kari failed",
                "GET https://api.example.no/persons/***?*** failed",
            ),
            (
                "https://kari:secret@api.example.no/ and https://api.example.no:8443/#x",
                "*** and https://api.example.no:8443/#***",
            ),
            (
                "order 0b8f6b1e-58f6-4b5e-9a3a-0c6a4f5f7f10: line 1",
                "order 0b8f6b1e-58f6-4b5e-9a3a-0c6a4f5f7f10: line 1",
            ),
        ] {
            assert_eq!(Masked(text).to_string(), shown);
        }
    }

    #[test]
    fn masked_text_that_is_long_is_cut() {
        let shown = Masked(&"å ".repeat(MAX_CHARS)).to_string();
        assert_eq!(shown.chars().count(), MAX_CHARS + 1);
        assert!(shown.ends_with("å …"), "{shown}");
    }
}
