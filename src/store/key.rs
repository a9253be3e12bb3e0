//! Keys that every provider allows.

use std::fmt::{self, Write as _};

/// A key of `[A-Za-z0-9._:-]`, at most 255 bytes, with the prefix `eo:`.
///
/// The prefix separates this application from others, since labels do not isolate stores on every
/// provider.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

impl Key {
    /// Returns the key of these parts: words, times, numbers, hashes and names of writers, never text
    /// of a user.
    pub(super) fn of(parts: fmt::Arguments<'_>) -> Self {
        Self::join("eo", parts)
    }

    /// Returns the key of a child of this one.
    pub(super) fn child(&self, part: impl fmt::Display) -> Self {
        Self::join(&self.0, part)
    }

    fn join(begin: &str, end: impl fmt::Display) -> Self {
        // Most keys fit, so that the string need not grow.
        let mut key = String::with_capacity(64);
        key.push_str(begin);
        // Writing to a `String` cannot fail.
        _ = write!(key, ":{end}");
        Self(key).portable()
    }

    fn portable(self) -> Self {
        debug_assert!(
            self.0.len() <= 255 && self.0.bytes().all(is_portable),
            "{self:?}"
        );
        self
    }

    /// Returns the key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the key as text.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_portable(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._:-".contains(&byte)
}
