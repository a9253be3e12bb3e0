//! What is wrong with a request, by member.

use std::fmt::Display;

use serde::{Serialize, Serializer, ser::SerializeMap};

/// Messages under the key of the member that they are about, in the order in which they came up.
///
/// The first [`Violations::LISTED`] are kept, and all are counted: a request of 256 KiB can break
/// rules 87,000 times.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Violations {
    listed: Vec<(String, Vec<String>)>,
    total: usize,
}

impl Violations {
    /// How many messages are kept at the most.
    pub const LISTED: usize = 100;

    /// Returns one message under one key.
    pub fn of(key: impl Display, message: impl Display) -> Self {
        let mut violations = Self::default();
        violations.add(key, message);
        violations
    }

    /// Adds a message; a key's messages stay together as long as they come in a row.
    ///
    /// Both are written out only if they are kept.
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

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// Returns how many there are, those that are not kept included.
    #[must_use]
    pub fn total(&self) -> usize {
        self.total
    }

    /// Returns the keys of the messages that are kept, in their order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.listed.iter().map(|(key, _)| key.as_str())
    }

    /// Returns the first message with its key.
    #[must_use]
    pub fn first(&self) -> Option<(&str, &str)> {
        let (key, messages) = self.listed.first()?;
        Some((key, messages.first()?))
    }

    /// Returns `value`, if nothing is wrong.
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
    fn messages_of_one_key_stay_together() {
        let mut violations = Violations::of("a", "1");
        violations.add("a", "2");
        violations.add("b", "3");
        assert_eq!(violations.total(), 3);
        assert_eq!(violations.first(), Some(("a", "1")));
        let json = serde_json::to_string(&violations).unwrap();
        assert_eq!(json, r#"{"a":["1","2"],"b":["3"]}"#);
        assert_eq!(Violations::default().or(7), Ok(7));
    }

    /// Counts how often it is written out.
    struct Written<'a>(&'a Cell<usize>);

    impl Display for Written<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.set(self.0.get() + 1);
            f.write_str("message")
        }
    }

    #[test]
    fn only_so_many_are_kept_and_all_are_counted() {
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
