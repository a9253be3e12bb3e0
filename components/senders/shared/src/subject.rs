//! Subjects.

/// Replaces each control character by a space, so that a subject is one line of text. Without this, a
/// line break would start another header, and some servers refuse a NUL.
pub fn one_line(subject: &str) -> String {
    subject.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_control_characters_become_spaces() {
        for (subject, line) in [
            ("Hei p\u{e5} deg \u{1f600}", "Hei p\u{e5} deg \u{1f600}"),
            ("a\0b\u{7}c\td", "a b c d"),
            ("Hei\r\nBcc: eve@example.no", "Hei  Bcc: eve@example.no"),
            ("a\u{7f}b\u{85}c", "a b c"),
            ("\0", " "),
        ] {
            assert_eq!(one_line(subject), line);
        }
    }
}
