//! Keys that every provider takes.

use std::fmt::{self, Write as _};

/// A key of `[A-Za-z0-9._:-]`, at most 255 bytes, with this application's prefix `eo:`.
///
/// The prefix is there since labels do not isolate stores on every provider.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

impl Key {
    /// The key of these parts. They are this crate's own: times, numbers, hashes and lanes.
    pub(super) fn of(parts: fmt::Arguments<'_>) -> Self {
        Self::written("eo", parts)
    }

    /// The key of a child of this one.
    pub(super) fn child(&self, part: impl fmt::Display) -> Self {
        Self::written(&self.0, part)
    }

    fn written(begin: &str, end: impl fmt::Display) -> Self {
        // Room for most, so that it is not made anew while the key is written.
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

    /// The key as the host takes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key's text.
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
