//! Encoding of text in headers.

use email_encoding::headers::{rfc2047, writer::EmailWriter};
use lettre::message::header::{HeaderName, HeaderValue};
use sender_shared::one_line;

/// The maximum length of a word that is written unencoded. A longer one could not be folded.
const MAX_PLAIN_WORD: usize = 60;

/// One line of text. It contains no line break, so it cannot start another header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HeaderText(String);

/// The error for text that has more than one line, or a NUL.
#[derive(Debug, thiserror::Error)]
#[error("it contains a line break or a NUL")]
pub(crate) struct NotOneLine;

impl HeaderText {
    pub(crate) fn parse(text: String) -> Result<Self, NotOneLine> {
        if text.contains(['\r', '\n', '\0']) {
            Err(NotOneLine)
        } else {
            Ok(Self(text))
        }
    }

    /// Returns a subject as one line, with a space for each control character.
    pub(crate) fn of_subject(subject: &str) -> Self {
        Self(one_line(subject))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns a header with this text. Text that folding or a reader could change is written as
    /// encoded words (RFC 2047).
    pub(crate) fn to_header(&self, name: HeaderName) -> HeaderValue {
        if self.is_safe() {
            return HeaderValue::new(name, self.0.clone());
        }
        let encoded = self.encoded(&name);
        HeaderValue::dangerous_new_pre_encoded(name, self.0.clone(), encoded)
    }

    /// Returns a header with this text as the display name of an address, if the name needs encoded
    /// words. (lettre 0.11 puts the address on the last line of the encoded words, which can exceed
    /// the limit of RFC 2047, section 2. Remove once lettre folds before the address.)
    pub(crate) fn to_mailbox(&self, name: HeaderName, address: &str) -> Option<HeaderValue> {
        if self.is_safe() {
            return None;
        }
        let encoded = format!("{}\r\n <{address}>", self.encoded(&name));
        let raw = format!("{} <{address}>", self.0);
        Some(HeaderValue::dangerous_new_pre_encoded(name, raw, encoded))
    }

    /// Returns the text as encoded words, folded for a header with this name.
    fn encoded(&self, name: &HeaderName) -> String {
        let mut encoded = String::new();
        let mut writer = EmailWriter::new(&mut encoded, name.len() + ": ".len(), 0, false);
        // Writing to a String cannot fail.
        let _ = rfc2047::encode(&self.0, &mut writer);
        drop(writer);
        encoded
    }

    /// Returns whether the text is short words of printable ASCII, separated by single spaces.
    fn is_safe(&self) -> bool {
        let is_plain = |word: &str| {
            (1..=MAX_PLAIN_WORD).contains(&word.len())
                && word.bytes().all(|byte| byte.is_ascii_graphic())
                && !word.contains("=?")
        };
        self.0.split(' ').all(is_plain)
    }
}

#[cfg(test)]
mod tests {
    use mail_parser::MessageParser;

    use super::*;

    fn header(text: &str) -> String {
        let name = HeaderName::new_from_ascii_str("Subject");
        let mut headers = lettre::message::header::Headers::new();
        headers.insert_raw(HeaderText::parse(text.to_owned()).unwrap().to_header(name));
        headers.to_string()
    }

    #[test]
    fn header_with_any_text_is_parsed_back_unchanged() {
        for text in [
            "Reminder",
            "Påminnelse: blåbærsyltetøy på Ærøy",
            "Én ⚠ og to 😀",
            " spaces  inside and around ",
            "=?utf-8?q?not_ours?=",
            "a tab\tand a bell\u{7}",
            "Hei på deg",
            &"x".repeat(2000),
            &"ordentlig lange emner ".repeat(60),
            &"æøå".repeat(500),
            &format!("{} {}", "lang".repeat(30), "kort"),
        ] {
            let header = header(text);
            assert!(header.lines().all(|line| line.len() <= 78), "{header}");
            let message = format!("{header}\r\n");
            let parsed = MessageParser::new().parse(&message).unwrap();
            // The parser drops a space at the end of an unencoded line; ours are encoded.
            assert_eq!(parsed.subject(), Some(text.trim_end_matches(['\r', '\n'])));
        }
    }

    #[test]
    fn header_with_plain_text_is_not_encoded() {
        assert_eq!(header("Reminder 2"), "Subject: Reminder 2\r\n");
    }

    #[test]
    fn parse_line_break_or_nul_fails() {
        for text in ["a\r\nBcc: b@example.no", "a\nb", "a\rb", "a\0b"] {
            assert!(HeaderText::parse(text.to_owned()).is_err(), "{text:?}");
        }
    }
}
