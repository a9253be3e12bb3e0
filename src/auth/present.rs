//! Members of JSON objects that are there, `null` included.

use serde::{Deserialize, Deserializer};

/// Reads a member that is there as [`Some`], also if it is `null`. With `default`, a member that
/// is absent is [`None`]: what a client states must not pass for something that it left out.
pub(super) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
