//! Text in headers.

use email_encoding::headers::{rfc2047, writer::EmailWriter};
use lettre::message::header::{HeaderName, HeaderValue};

/// How long a word may be that stays as it is: one that is longer could not be folded.
const LONGEST_WORD: usize = 60;

/// One line of text. It cannot end its header and so cannot begin another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HeaderText(String);

/// Text that a header cannot hold.
#[derive(Debug, thiserror::Error)]
#[error("a line break or a NUL in one line of text")]
pub(crate) struct NotOneLine;

impl HeaderText {
    pub(crate) fn parse(text: String) -> Result<Self, NotOneLine> {
        if text.contains(['\r', '\n', '\0']) {
            Err(NotOneLine)
        } else {
            Ok(Self(text))
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// A header with this text, read back exactly as it is: what folding or a reader could change
    /// goes as encoded words (RFC 2047).
    pub(crate) fn to_header(&self, name: HeaderName) -> HeaderValue {
        if self.is_safe() {
            return HeaderValue::new(name, self.0.clone());
        }
        let encoded = self.encoded(&name);
        HeaderValue::dangerous_new_pre_encoded(name, self.0.clone(), encoded)
    }

    /// A header with the address of somebody who is called so, where the name needs encoded words.
    /// (lettre's own puts the address on their last line, which gets too long: RFC 2047,
    /// section 2.)
    pub(crate) fn to_mailbox(&self, name: HeaderName, address: &str) -> Option<HeaderValue> {
        if self.is_safe() {
            return None;
        }
        let encoded = format!("{}\r\n <{address}>", self.encoded(&name));
        let raw = format!("{} <{address}>", self.0);
        Some(HeaderValue::dangerous_new_pre_encoded(name, raw, encoded))
    }

    /// In encoded words, folded to follow this name.
    fn encoded(&self, name: &HeaderName) -> String {
        let mut encoded = String::new();
        let mut writer = EmailWriter::new(&mut encoded, name.len() + ": ".len(), 0, false);
        // A String takes everything.
        let _ = rfc2047::encode(&self.0, &mut writer);
        drop(writer);
        encoded
    }

    /// Whether single spaces between short words of printable ASCII are all there is.
    fn is_safe(&self) -> bool {
        let word = |word: &str| {
            (1..=LONGEST_WORD).contains(&word.len())
                && word.bytes().all(|byte| byte.is_ascii_graphic())
                && !word.contains("=?")
        };
        self.0.split(' ').all(word)
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
    fn text_is_read_back_as_it_was() {
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
            // The reader leaves out a space at the end of a plain line; ours are encoded.
            assert_eq!(parsed.subject(), Some(text.trim_end_matches(['\r', '\n'])));
        }
    }

    #[test]
    fn plain_text_stays_plain() {
        assert_eq!(header("Reminder 2"), "Subject: Reminder 2\r\n");
    }

    #[test]
    fn a_second_line_is_no_header_text() {
        for text in ["a\r\nBcc: b@example.no", "a\nb", "a\rb", "a\0b"] {
            assert!(HeaderText::parse(text.to_owned()).is_err(), "{text:?}");
        }
    }
}
