//! Tells members that are `null` from absent ones.

use serde::{Deserialize, Deserializer};

/// Deserializes a present member as [`Some`], also if it is `null`. With `default`, an absent member
/// is [`None`].
pub(super) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
