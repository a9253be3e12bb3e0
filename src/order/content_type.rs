//! The media type of a body.

use serde::Serialize;

/// The media type of an email's body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub enum ContentType {
    /// `text/plain`
    #[default]
    Plain,
    /// `text/html`
    Html,
}

impl ContentType {
    /// Reads a name, in any case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [("plain", Self::Plain), ("html", Self::Html)]
            .into_iter()
            .find_map(|(known, value)| known.eq_ignore_ascii_case(name).then_some(value))
    }

    /// Reads the number that existing clients may send instead of the name.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        match number {
            0 => Some(Self::Plain),
            1 => Some(Self::Html),
            _ => None,
        }
    }
}
