//! Encoding of bodies, so that every relay passes them on unchanged.

use lettre::message::header::ContentTransferEncoding;

/// Returns the shorter of the two encodings for a text. Every text is encoded, because relays may
/// change bare line ends, trailing spaces, NULs and long lines.
pub(crate) fn encoding(text: &str) -> ContentTransferEncoding {
    let escaped = text.bytes().filter(|byte| !byte.is_ascii()).count();
    let quoted_printable = text.len() + 2 * escaped;
    let base64 = text.len().div_ceil(3) * 4;
    if quoted_printable <= base64 {
        ContentTransferEncoding::QuotedPrintable
    } else {
        ContentTransferEncoding::Base64
    }
}

/// Replaces the line ends of every system by CRLF, as a message requires.
pub(crate) fn canonical(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace('\r', "\n")
        .replace('\n', "\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_any_line_end_becomes_crlf() {
        assert_eq!(canonical("a\nb\r\nc\rd\n\r\n"), "a\r\nb\r\nc\r\nd\r\n\r\n");
        assert_eq!(canonical(""), "");
    }

    #[test]
    fn encoding_of_text_is_the_shorter_one() {
        use ContentTransferEncoding::{Base64, QuotedPrintable};
        for (text, shorter) in [
            ("Hei på deg", QuotedPrintable),
            ("", QuotedPrintable),
            ("æøå", Base64),
            ("Привет, мир", Base64),
        ] {
            assert_eq!(encoding(text), shorter, "{text}");
        }
    }
}
