//! Errors of parsing JSON that quote nothing of the JSON.

use std::fmt;

/// The position and kind of an error in JSON. serde_json's own text may quote values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonError {
    /// A text of serde_json that names at most a member.
    member: Option<String>,
    line: usize,
    column: usize,
}

impl From<serde_json::Error> for JsonError {
    fn from(error: serde_json::Error) -> Self {
        let text = error.to_string();
        let names_a_member = text.starts_with("unknown field") || text.starts_with("missing field");
        Self {
            line: error.line(),
            column: error.column(),
            member: names_a_member.then_some(text),
        }
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.member {
            Some(text) => f.write_str(text),
            None => write!(
                f,
                "invalid JSON or a value of the wrong type at line {} column {}",
                self.line, self.column
            ),
        }
    }
}

impl std::error::Error for JsonError {}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Entry {
        #[serde(rename = "issuer")]
        _issuer: String,
    }

    #[test]
    fn text_names_members_and_positions_and_quotes_no_value() {
        for (json, expected) in [
            (r#"{"issuer":["secret"]}"#, "at line 1 column 10"),
            (r#"{"issuer":"secret"#, "at line 1 column 17"),
            (r#""secret""#, "at line 1 column 8"),
            (r#"{"issuers":"secret"}"#, "unknown field `issuers`"),
            ("{}", "missing field `issuer`"),
        ] {
            let error = serde_json::from_str::<Entry>(json).unwrap_err();
            let text = JsonError::from(error).to_string();
            assert!(text.contains(expected), "{json}: {text}");
            assert!(!text.contains("secret"), "{json}: {text}");
        }
    }
}
