//! Numbers, as providers keep those that are incremented.

/// Reads a value as a number: decimal text on Redis and DynamoDB, 8 bytes on SQLite.
pub(crate) fn of_value(value: &[u8]) -> Option<i64> {
    let decimal = std::str::from_utf8(value).ok();
    let decimal = decimal.and_then(|text| text.parse().ok());
    // Eight bytes that are all digits would be a number beyond any that is counted here.
    decimal.or_else(|| value.try_into().ok().map(i64::from_le_bytes))
}

/// The bytes of a number that a swap writes: those of SQLite, which panics at others.
pub(crate) fn to_value(number: i64) -> [u8; 8] {
    number.to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_each_provider_writes_them() {
        assert_eq!(of_value(b"4294967303"), Some(4_294_967_303));
        assert_eq!(of_value(b"12345678"), Some(12_345_678));
        assert_eq!(of_value(&to_value(7)), Some(7));
        for value in [&b""[..], b"swap", b"increment", b"123456789 "] {
            assert_eq!(of_value(value), None, "{value:?}");
        }
    }
}
