//! The levels of the log.

use std::sync::atomic::{AtomicU8, Ordering};

use serde::Serialize;

/// The urgency of a line, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Level {
    /// A fault that an operator must correct.
    Error,
    /// A fault that needs no action yet.
    Warn,
    /// Normal work.
    Info,
    /// Details that help to search for a fault.
    Debug,
}

/// The least urgent level that is written. It is configuration, so it may be a static: it holds no data
/// of a request.
static LEVEL: AtomicU8 = AtomicU8::new(Level::Info as u8);

/// Sets the least urgent level that is written, for all later lines of this instance.
pub fn set_level(level: Level) {
    LEVEL.store(level as u8, Ordering::Relaxed);
}

impl Level {
    /// Parses a value of the variable `log_level`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "error" => Some(Self::Error),
            "warn" => Some(Self::Warn),
            "info" => Some(Self::Info),
            "debug" => Some(Self::Debug),
            _ => None,
        }
    }

    pub(super) fn is_enabled(self) -> bool {
        self as u8 <= LEVEL.load(Ordering::Relaxed)
    }
}
