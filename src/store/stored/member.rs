//! The members of stored objects.

use std::str::FromStr;

use serde_json::value::RawValue;

use super::Unreadable;
use crate::{json, timestamp::Timestamp};

/// A member of a stored object, if the object has it.
#[derive(Clone, Copy)]
pub(super) struct Member<'a> {
    name: &'static str,
    value: Option<&'a RawValue>,
}

/// Returns the members of an object with these names, in the order of the names.
pub(super) fn members<'a, const N: usize>(
    json: &'a [u8],
    names: [&'static str; N],
) -> Result<[Member<'a>; N], Unreadable> {
    let values = json::members(json, &names).map_err(|error| Unreadable::json(&error))?;
    Ok(std::array::from_fn(|place| Member {
        name: names[place],
        value: values[place],
    }))
}

/// Reads each element of an array.
pub(super) fn elements<T>(
    json: &RawValue,
    read: impl FnMut(&RawValue) -> Result<T, Unreadable>,
) -> Result<Vec<T>, Unreadable> {
    let elements = json::elements(json).map_err(|error| Unreadable::json(&error))?;
    elements.into_iter().map(read).collect()
}

impl<'a> Member<'a> {
    /// Returns the error of this member.
    pub(super) fn invalid(self) -> Unreadable {
        Unreadable::Member(self.name)
    }

    /// Returns its JSON, unless it is absent or null.
    pub(super) fn json(self) -> Option<&'a RawValue> {
        self.value.filter(|json| json.get() != "null")
    }

    /// Returns its text, unless it is absent or null.
    pub(super) fn optional_text(self) -> Result<Option<String>, Unreadable> {
        let Some(json) = self.value else {
            return Ok(None);
        };
        serde_json::from_slice(json.get().as_bytes()).map_err(|_| self.invalid())
    }

    /// Returns its text.
    pub(super) fn text(self) -> Result<String, Unreadable> {
        self.optional_text()?.ok_or_else(|| self.invalid())
    }

    /// Returns the value of its text.
    pub(super) fn parsed<T>(self, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, Unreadable> {
        parse(&self.text()?).ok_or_else(|| self.invalid())
    }

    /// Returns its instant.
    pub(super) fn timestamp(self) -> Result<Timestamp, Unreadable> {
        self.parsed(|text| Timestamp::parse(text).ok())
    }

    /// Returns its truth value, unless it is absent or null.
    pub(super) fn optional_flag(self) -> Result<Option<bool>, Unreadable> {
        match self.json().map(RawValue::get) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(self.invalid()),
        }
    }

    /// Returns its number; 0 if it is absent.
    pub(super) fn number<T: FromStr + Default>(self) -> Result<T, Unreadable> {
        let Some(json) = self.value else {
            return Ok(T::default());
        };
        json.get().parse().map_err(|_| self.invalid())
    }
}
