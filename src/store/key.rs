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
        // Most keys fit, so that the string need not grow.
        let mut key = String::with_capacity(64);
        // Writing to a `String` cannot fail.
        _ = write!(key, "eo:{parts}");
        Self(key).portable()
    }

    /// Returns the key of these texts, one after the other. A format would take several times as many
    /// instructions.
    pub(super) fn join(parts: &[&str]) -> Self {
        let mut key = String::with_capacity(64);
        key.push_str("eo:");
        for part in parts {
            key.push_str(part);
        }
        Self(key).portable()
    }

    /// Returns the key of a child of this one.
    pub(super) fn child(&self, part: &str) -> Self {
        // A format would take ten times as many instructions.
        let mut key = String::with_capacity(self.0.len() + 1 + part.len() + 4);
        key.push_str(&self.0);
        key.push(':');
        key.push_str(part);
        Self(key).portable()
    }

    /// Returns the key of the child with a number.
    pub(super) fn number(&self, number: u32) -> Self {
        match char::from_digit(number, 10) {
            Some(digit) => self.push(digit),
            None => self.child(&number.to_string()),
        }
    }

    /// Returns the key of the child that is this character.
    pub(super) fn push(&self, part: char) -> Self {
        self.child(part.encode_utf8(&mut [0; 4]))
    }

    /// Adds a character to the last part.
    pub(super) fn extend(&mut self, part: char) {
        self.0.push(part);
    }

    fn portable(self) -> Self {
        debug_assert!(
            self.0.len() <= 255 && self.0.bytes().all(is_portable),
            "{self:?}"
        );
        self
    }

    /// Returns the key that [`Self::into_string`] has taken apart.
    #[must_use]
    pub fn from_string(key: String) -> Self {
        Self(key).portable()
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
