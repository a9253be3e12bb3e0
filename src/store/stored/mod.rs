//! The forms in which values are stored.
//!
//! Each JSON value has a type of its own here, apart from the domain's types, so that a change of
//! the domain leaves stored values as they are. A form is made `From` a value of the domain, and has
//! a function that reads one. Only types whose text the API itself fixes (ids, timestamps, names of
//! statuses) serve both.
//!
//! The readers take values apart member by member: deserializers derived by serde would make the
//! component larger than it may be.
//!
//! The version of a form is its first member, `v`; values of the first version of this component
//! have none and count as version 0. The rules of a change:
//!
//! - A new member is optional, and left out where it has no value. Readers ignore members that they
//!   do not know. Neither needs a new version.
//! - A change that an earlier reader would misunderstand takes a new version. A reader refuses
//!   versions that it does not know: requests for that order get 503 until the component is
//!   updated.
//! - Every form of an earlier version stays readable. `fixtures/` holds a store that each version
//!   has written; [`tests`] reads them.
//!
//! Values that are not JSON have no version: an id (16 bytes), a marker (`0` or `1`), an instant in
//! seconds since 1970. Another form of these takes another key, except that the end of the sender's
//! pause may be followed by further numbers: an earlier version sees no pause then, and meets the
//! limit itself. The pages of the reference index that the first version wrote may end in a version,
//! see [`reference`](super::reference).

mod member;
mod notification;
mod order;
mod report;
mod run;
mod state;
#[cfg(test)]
mod tests;

use serde::Serialize;

use super::{Key, StoreError};

pub(super) use notification::{StoredNotification, notifications};
pub(super) use order::{StoredOrder, order};
pub(super) use report::{StoredReport, report};
pub(super) use run::{StoredRun, run};
pub(super) use state::{StoredState, state};

/// The version of every form that this version of the component writes, except for pages of
/// notifications in several parts.
pub(super) const VERSION: u8 = 1;

/// Why a stored value cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is not JSON of the expected form. The error of the parser may quote the value, which
    /// holds personal data: only its position is kept.
    #[error("the value is not readable at line {line}, column {column}")]
    Json {
        /// The line in the JSON.
        line: usize,
        /// The column in that line.
        column: usize,
    },
    /// A member breaks a rule of this version.
    #[error("the member `{0}` is invalid")]
    Member(&'static str),
    /// A newer version of the component has written it.
    #[error("the value has version {0}, which only a newer version of this component can read")]
    NewerVersion(u32),
}

impl Unreadable {
    fn json(error: &serde_json::Error) -> Self {
        Self::Json {
            line: error.line(),
            column: error.column(),
        }
    }

    /// Adds the key of the value.
    pub(super) fn under(self, key: &Key) -> StoreError {
        StoreError::Unreadable {
            key: key.clone(),
            reason: self,
        }
    }
}

/// Returns a value in its stored form, with its key.
pub(super) fn entry(key: Key, form: &impl Serialize) -> Result<(Key, Vec<u8>), StoreError> {
    match serde_json::to_vec(form) {
        Ok(json) => Ok((key, json)),
        Err(error) => Err(Unreadable::json(&error).under(&key)),
    }
}

/// Reads a value with the reader of its form, if its version is known.
fn read<'a, T>(
    key: &Key,
    json: &'a [u8],
    read: impl FnOnce(&'a [u8]) -> Result<T, Unreadable>,
) -> Result<T, StoreError> {
    check(version(json))
        .and_then(|()| read(json))
        .map_err(|reason| reason.under(key))
}

/// Returns an error if only a newer version of the component can read values of this version.
pub(super) fn check(version: u32) -> Result<(), Unreadable> {
    check_up_to(VERSION, version)
}

/// Does the same as [`check`], for a form whose newest version is `newest`.
fn check_up_to(newest: u8, version: u32) -> Result<(), Unreadable> {
    if version > newest.into() {
        return Err(Unreadable::NewerVersion(version));
    }
    Ok(())
}

/// Returns the version of a value, or of the first value of an array. The version is looked at
/// before anything else, since a newer form may have members of other types.
fn version(json: &[u8]) -> u32 {
    let json = json.strip_prefix(b"[").unwrap_or(json);
    let Some(rest) = json.strip_prefix(br#"{"v":"#) else {
        return 0;
    };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |number: u32, digit| {
        number
            .saturating_mul(10)
            .saturating_add(u32::from(digit - b'0'))
    })
}
