//! The violations of a request, by member.

use std::fmt::Display;

use serde::{Serialize, Serializer, ser::SerializeMap};

/// Messages under the key of the member that they are about, in the order in which they were added.
///
/// The first [`Violations::LISTED`] are kept and all are counted, since a request of 256 KiB can have
/// 87,000 violations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Violations {
    listed: Vec<(String, Vec<String>)>,
    total: usize,
}

impl Violations {
    /// The most messages that are kept.
    pub const LISTED: usize = 100;

    /// Returns one message under one key.
    pub fn of(key: impl Display, message: impl Display) -> Self {
        let mut violations = Self::default();
        violations.add(key, message);
        violations
    }

    /// Adds a message. Successive messages with the same key are grouped.
    ///
    /// Formats key and message only if they are kept.
    pub fn add(&mut self, key: impl Display, message: impl Display) {
        self.total += 1;
        if self.total > Self::LISTED {
            return;
        }
        let key = key.to_string();
        match self.listed.last_mut() {
            Some((last, messages)) if *last == key => messages.push(message.to_string()),
            _ => self.listed.push((key, vec![message.to_string()])),
        }
    }

    /// Returns whether there are no violations.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// Returns the number of all messages, those that are not kept included.
    #[must_use]
    pub fn total(&self) -> usize {
        self.total
    }

    /// Returns the keys of the kept messages, in their order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.listed.iter().map(|(key, _)| key.as_str())
    }

    /// Returns the first message, with its key.
    #[must_use]
    pub fn first(&self) -> Option<(&str, &str)> {
        let (key, messages) = self.listed.first()?;
        Some((key, messages.first()?))
    }

    /// Returns `value` if there are no violations.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }
}

impl Serialize for Violations {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.listed.len()))?;
        for (key, messages) in &self.listed {
            map.serialize_entry(key, messages)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, fmt};

    use super::*;

    #[test]
    fn add_groups_successive_messages_of_one_key() {
        let mut violations = Violations::of("a", "1");
        violations.add("a", "2");
        violations.add("b", "3");
        assert_eq!(violations.total(), 3);
        assert_eq!(violations.first(), Some(("a", "1")));
        let json = serde_json::to_string(&violations).unwrap();
        assert_eq!(json, r#"{"a":["1","2"],"b":["3"]}"#);
        assert_eq!(Violations::default().or(7), Ok(7));
    }

    /// Counts how often it is formatted.
    struct Written<'a>(&'a Cell<usize>);

    impl Display for Written<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.set(self.0.get() + 1);
            f.write_str("message")
        }
    }

    #[test]
    fn add_keeps_the_first_messages_and_counts_all() {
        let written = Cell::new(0);
        let mut violations = Violations::default();
        for number in 0..87_000 {
            violations.add(
                format_args!("Recipients[{}]", number / 2),
                Written(&written),
            );
        }
        assert_eq!(violations.total(), 87_000);
        assert_eq!(written.get(), Violations::LISTED);
        assert_eq!(violations.keys().count(), Violations::LISTED / 2);
        assert!(serde_json::to_vec(&violations).unwrap().len() < 10_000);
    }
}
