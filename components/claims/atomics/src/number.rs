//! Counters, as each provider encodes them.

/// Parses the value of a counter: decimal text on Redis and DynamoDB, 8 bytes on SQLite.
pub(crate) fn parse(value: &[u8]) -> Option<i64> {
    let decimal = std::str::from_utf8(value).ok();
    let decimal = decimal.and_then(|text| text.parse().ok());
    // Eight bytes that are all digits would, as a SQLite counter, exceed every number counted here.
    decimal.or_else(|| value.try_into().ok().map(i64::from_le_bytes))
}

/// Encodes a number for a swap as SQLite encodes counters, because SQLite panics at other lengths.
pub(crate) fn encode(number: i64) -> [u8; 8] {
    number.to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_encoding_of_each_provider_returns_number() {
        assert_eq!(parse(b"4294967303"), Some(4_294_967_303));
        assert_eq!(parse(b"12345678"), Some(12_345_678));
        assert_eq!(parse(&encode(7)), Some(7));
    }

    #[test]
    fn parse_other_value_returns_none() {
        for value in [&b""[..], b"swap", b"increment", b"123456789 "] {
            assert_eq!(parse(value), None, "{value:?}");
        }
    }
}
