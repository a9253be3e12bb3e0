//! The log: one JSON object per line, on standard error.
//!
//! No line holds a token, a subject, a body, a full address or a national identity number.
//! Addresses are shortened. Texts of hosts, providers and other components are [`Masked`], because
//! they may quote their input.
//!
//! A line that cannot be written is lost, and the request continues. `eprintln!` would panic there
//! (a write to standard error can fail on Spin), which ends the instance with all its requests.

mod level;
mod masked;

use std::{
    fmt::Display,
    io::{self, Write as _},
    time::Duration,
};

use serde::Serialize;

pub use self::level::{Level, set_level};
use self::masked::{Masked, masked};
use crate::{
    order::{Creator, NotificationId, OrderId},
    timestamp::Timestamp,
    trace::TraceId,
};

/// Returns a text of another program without what identifies a person.
pub fn masked_text(text: &str) -> String {
    Masked(text).to_string()
}

/// Takes the lines in place of standard error, in tests.
#[cfg(not(target_family = "wasm"))]
static CAPTURE: std::sync::OnceLock<fn(&[u8])> = std::sync::OnceLock::new();

/// Gives the lines to a function from now on, in place of writing them to standard error. Only
/// tests of the library call it; the component has no such function.
#[cfg(not(target_family = "wasm"))]
pub fn capture(function: fn(&[u8])) {
    _ = CAPTURE.set(function);
}

/// Starts a line about a fault that an operator must correct.
pub fn error(event: &'static str) -> Line<'static> {
    Line::new(Level::Error, event)
}

/// Starts a line about a fault that needs no action yet.
pub fn warn(event: &'static str) -> Line<'static> {
    Line::new(Level::Warn, event)
}

/// Starts a line about normal work.
pub fn info(event: &'static str) -> Line<'static> {
    Line::new(Level::Info, event)
}

/// Starts a line that helps to search for a fault.
pub fn debug(event: &'static str) -> Line<'static> {
    Line::new(Level::Debug, event)
}

/// Starts a line of this level.
pub fn line(level: Level, event: &'static str) -> Line<'static> {
    Line::new(level, event)
}

/// A line. [`Line::write`] writes it, unless it is less urgent than the configured level. Members
/// that are not set are left out.
#[derive(Serialize)]
#[must_use = "a line is written by write()"]
pub struct Line<'a> {
    #[serde(skip)]
    is_enabled: bool,
    time: Option<Timestamp>,
    level: Level,
    event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<TraceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<OrderId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notification: Option<NotificationId>,
    #[serde(skip_serializing_if = "str::is_empty")]
    creator: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    route: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    sender: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    issuer: &'a str,
    #[serde(skip_serializing_if = "String::is_empty")]
    recipient: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    result: &'a str,
    #[serde(rename = "durationMs", skip_serializing_if = "Option::is_none")]
    duration: Option<u64>,
    #[serde(skip_serializing_if = "String::is_empty")]
    reason: String,
}

impl<'a> Line<'a> {
    fn new(level: Level, event: &'static str) -> Self {
        Self {
            is_enabled: level.is_enabled(),
            time: None,
            level,
            event,
            trace: None,
            order: None,
            notification: None,
            creator: "",
            route: "",
            sender: "",
            issuer: "",
            recipient: String::new(),
            result: "",
            duration: None,
            reason: String::new(),
        }
    }

    /// Names the trace of the request that caused the work.
    pub fn trace(mut self, trace: TraceId) -> Self {
        self.trace = Some(trace);
        self
    }

    /// Names the order.
    pub fn order(mut self, order: OrderId) -> Self {
        self.order = Some(order);
        self
    }

    /// Names the notification.
    pub fn notification(mut self, notification: NotificationId) -> Self {
        self.notification = Some(notification);
        self
    }

    /// Names the organisation that the order belongs to.
    pub fn creator(mut self, creator: &'a Creator) -> Self {
        self.creator = creator.as_str();
        self
    }

    /// Names the route, as the router spells it.
    pub fn route(mut self, route: &'a str) -> Self {
        self.route = route;
        self
    }

    /// Names the sender.
    pub fn sender(mut self, sender: &'a str) -> Self {
        self.sender = sender;
        self
    }

    /// Names an issuer of the configuration. The `iss` of an unverified token may be anything.
    pub fn issuer(mut self, issuer: &'a str) -> Self {
        self.issuer = issuer;
        self
    }

    /// Names the recipient, of whose address the line shows the first letter and the domain.
    pub fn recipient(mut self, address: &str) -> Self {
        if self.is_enabled {
            self.recipient = masked(address);
        }
        self
    }

    /// States the result of the work.
    pub fn result(mut self, result: &'a str) -> Self {
        self.result = result;
        self
    }

    /// States how long the work took.
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration = u64::try_from(duration.as_millis()).ok();
        self
    }

    /// States the reason, in a text that may be another program's. It is masked.
    pub fn reason(mut self, reason: &dyn Display) -> Self {
        if self.is_enabled {
            self.reason = Masked(&reason.to_string()).to_string();
        }
        self
    }

    /// Writes the line.
    pub fn write(mut self) {
        if !self.is_enabled {
            return;
        }
        self.time = Some(Timestamp::now());
        if let Ok(mut line) = serde_json::to_vec(&self) {
            line.push(b'\n');
            #[cfg(not(target_family = "wasm"))]
            if let Some(capture) = CAPTURE.get() {
                return capture(&line);
            }
            // One write per line, because each write is several host calls.
            _ = io::stderr().write_all(&line);
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use serde_json::{Value, json};

    use super::*;

    fn members(line: &Line<'_>) -> Value {
        serde_json::to_value(line).unwrap()
    }

    #[test]
    fn line_without_members_has_time_level_and_event() {
        assert_eq!(
            members(&error("store failed")),
            json!({"time": null, "level": "error", "event": "store failed"})
        );
    }

    #[test]
    fn line_masks_the_recipient_and_the_reason() {
        let trace = TraceId::of(&HeaderMap::new());
        let line = info("notification attempt")
            .trace(trace)
            .recipient("someone@example.no")
            .duration(Duration::from_millis(1500))
            .reason(&"550 <someone@example.no>: no such user");
        assert_eq!(
            members(&line),
            json!({
                "time": null,
                "level": "info",
                "event": "notification attempt",
                "trace": trace.to_string(),
                "recipient": "s***@example.no",
                "durationMs": 1500,
                "reason": "550 <***>: no such user",
            })
        );
    }
}
