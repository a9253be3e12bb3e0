//! What the operator reads: one JSON object a line, on standard error.
//!
//! No token, body, full address or national identity number ever goes in.

use serde_json::json;

/// Something that an operator has to mend.
pub fn error(event: &str, reason: &dyn std::fmt::Display) {
    eprintln!(
        "{}",
        json!({ "level": "error", "event": event, "reason": reason.to_string() })
    );
}
