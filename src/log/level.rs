//! How much the log says.

use std::sync::atomic::{AtomicU8, Ordering};

use serde::Serialize;

/// How urgent a line is, from what an operator must mend to what only a search for a fault needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Level {
    /// A fault that an operator must mend.
    Error,
    /// A fault that needs no action yet.
    Warn,
    /// Normal work.
    Info,
    /// Details for the search for a fault.
    Debug,
}

/// The least urgent level that is written. It holds configuration, not data of a request.
static LEVEL: AtomicU8 = AtomicU8::new(Level::Info as u8);

/// Sets the least urgent level that is written, for all later lines of this instance.
pub fn set_level(level: Level) {
    LEVEL.store(level as u8, Ordering::Relaxed);
}

impl Level {
    /// Parses the value of the variable `log_level`.
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
