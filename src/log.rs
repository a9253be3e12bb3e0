//! What the operator reads: one JSON object a line, on standard error.
//!
//! No token, subject, body, full address or national identity number ever goes in. A reason may be
//! the text of a host, a provider or a component that the manifest names, which may repeat what it
//! was given: it goes in [`Masked`].
//!
//! Standard error may be closed, or its reader gone. A line that cannot be written is lost, and the
//! request goes on: `eprintln!` would end the instance with all that it serves.

mod masked;

use std::io::{self, Write as _};

use serde::Serialize;

use crate::order::{NotificationId, OrderId};
use masked::{Masked, masked};

/// A line. What is not known of an event is left out.
#[derive(Default, Serialize)]
struct Line<'a> {
    level: &'static str,
    event: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<OrderId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notification: Option<NotificationId>,
    #[serde(skip_serializing_if = "str::is_empty")]
    recipient: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    trace: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    result: &'a str,
    #[serde(skip_serializing_if = "Masked::is_empty")]
    reason: Masked<'a>,
}

impl Line<'_> {
    fn write(&self) {
        if let Ok(mut line) = serde_json::to_vec(self) {
            // In one piece: each is several calls to the host.
            line.push(b'\n');
            // Nothing else could take a line that is lost.
            _ = io::stderr().write_all(&line);
        }
    }
}

/// Something that an operator has to mend.
pub fn error(event: &str, reason: &dyn std::fmt::Display) {
    Line {
        level: "error",
        event,
        reason: Masked(&reason.to_string()),
        ..Line::default()
    }
    .write();
}

/// An order was accepted.
pub fn accepted(order: OrderId, trace: &str) {
    Line {
        level: "info",
        event: "order accepted",
        order: Some(order),
        trace,
        ..Line::default()
    }
    .write();
}

/// What came of an attempt at an order, or at one of its notifications.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs, reason = "the members are those of the line")]
pub struct Attempt<'a> {
    pub order: OrderId,
    pub notification: Option<NotificationId>,
    /// The address in full; the line has it masked.
    pub recipient: Option<&'a str>,
    pub trace: &'a str,
    pub result: &'a str,
    pub reason: &'a str,
}

/// An attempt at an order, or at one of its notifications.
pub fn attempt(attempt: &Attempt<'_>) {
    Line {
        level: "info",
        event: match attempt.notification {
            Some(_) => "notification attempt",
            None => "order attempt",
        },
        order: Some(attempt.order),
        notification: attempt.notification,
        recipient: &attempt.recipient.map(masked).unwrap_or_default(),
        trace: attempt.trace,
        result: attempt.result,
        reason: Masked(attempt.reason),
    }
    .write();
}

/// What others reported of a notification.
pub fn reported(order: OrderId, notification: NotificationId, trace: &str, result: &str) {
    Line {
        level: "info",
        event: "delivery report",
        order: Some(order),
        notification: Some(notification),
        trace,
        result,
        ..Line::default()
    }
    .write();
}
