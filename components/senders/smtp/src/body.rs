//! Bodies: any text, in lines that every relay passes on unchanged.

use lettre::message::header::ContentTransferEncoding;

/// How a text is encoded, whichever is shorter. It is encoded even where it need not be: bare
/// line ends, trailing spaces, NULs and overlong lines do not survive as they are.
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

/// The text with its line ends, of whatever system, in the form that a message has.
pub(crate) fn canonical(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace('\r', "\n")
        .replace('\n', "\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_are_one_kind() {
        assert_eq!(canonical("a\nb\r\nc\rd\n\r\n"), "a\r\nb\r\nc\r\nd\r\n\r\n");
        assert_eq!(canonical(""), "");
    }

    #[test]
    fn the_shorter_encoding() {
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
