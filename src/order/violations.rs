//! What is wrong with a request, by member.

use serde::{Serialize, Serializer, ser::SerializeMap};

/// Messages under the key of the member that they are about, in the order in which they came up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Violations(Vec<(String, Vec<String>)>);

impl Violations {
    /// One message under one key.
    pub fn of(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self(vec![(key.into(), vec![message.into()])])
    }

    /// Adds a message; a key's messages stay together as long as they come in a row.
    pub fn add(&mut self, key: impl Into<String>, message: impl Into<String>) {
        let key = key.into();
        match self.0.last_mut() {
            Some((last, messages)) if *last == key => messages.push(message.into()),
            _ => self.0.push((key, vec![message.into()])),
        }
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys, in their order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_str())
    }

    /// The first message with its key.
    #[must_use]
    pub fn first(&self) -> Option<(&str, &str)> {
        let (key, messages) = self.0.first()?;
        Some((key, messages.first()?))
    }

    /// `value`, if nothing is wrong.
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
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, messages) in &self.0 {
            map.serialize_entry(key, messages)?;
        }
        map.end()
    }
}
