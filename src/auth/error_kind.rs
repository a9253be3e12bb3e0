//! The kinds of host errors.

use std::fmt::{Debug, Write as _};

/// Returns the debug form of a host's error without its texts, which may quote a URL or a response:
/// `InternalError(Some("…"))`.
#[must_use]
pub fn error_kind(error: &dyn Debug) -> String {
    let mut kind = WithoutTexts::default();
    // Writing to a string does not fail.
    _ = write!(kind, "{error:?}");
    kind.written
}

#[derive(Default)]
struct WithoutTexts {
    written: String,
    is_in_text: bool,
    is_escaped: bool,
}

impl std::fmt::Write for WithoutTexts {
    fn write_str(&mut self, debug: &str) -> std::fmt::Result {
        for character in debug.chars() {
            match (self.is_in_text, character) {
                _ if self.is_escaped => self.is_escaped = false,
                (true, '\\') => self.is_escaped = true,
                (true, '"') => {
                    self.is_in_text = false;
                    self.written.push_str("…\"");
                }
                (true, _) => {}
                (false, _) => {
                    self.is_in_text = character == '"';
                    self.written.push(character);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_kind_has_no_texts() {
        #[derive(Debug)]
        #[allow(dead_code, reason = "for its debug form")]
        enum ErrorCode {
            ConnectionRefused,
            InternalError(Option<&'static str>),
            Alert { id: u8, message: &'static str },
        }
        for (error, expected) in [
            (ErrorCode::ConnectionRefused, "ConnectionRefused"),
            (ErrorCode::InternalError(None), "InternalError(None)"),
            (
                ErrorCode::InternalError(Some(r#"a "secret\" b"#)),
                r#"InternalError(Some("…"))"#,
            ),
            (
                ErrorCode::Alert {
                    id: 40,
                    message: "\\",
                },
                r#"Alert { id: 40, message: "…" }"#,
            ),
        ] {
            assert_eq!(error_kind(&error), expected);
        }
    }
}
