//! Instants in UTC, and the text that the API reads and writes.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use time::{Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

/// An instant in UTC, of the years 0000 to 9999, in steps of 100 ns.
///
/// Its text is `2030-01-31T07:00:00Z`, with up to seven digits of a fraction if there is one. It holds
/// a `time` instant, since those of other crates end some hours before the year 9999 does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    test,
    derive(utoipa::ToSchema),
    schema(
        value_type = String,
        description = "An instant, to at most seven digits of a second's fraction.",
        format = DateTime,
        pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+\-][0-9]{2}:[0-9]{2})$",
        example = "2030-01-31T07:00:00Z",
    )
)]
pub struct Timestamp(OffsetDateTime);

/// Why a text is not a [`Timestamp`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// It is not of the form `YYYY-MM-DDThh:mm[:ss[.fraction]]`, or no such instant exists.
    #[error("is not a date-time like 2030-01-31T08:00:00+01:00")]
    NotADateTime,
    /// A date or a date-time, with neither `Z` nor an offset.
    #[error("has no time zone")]
    NoZone,
}

const NANOSECONDS_PER_STEP: u32 = 100;

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: Self = Self(OffsetDateTime::UNIX_EPOCH);

    /// Returns the present instant, by the host's clock.
    #[must_use]
    pub fn now() -> Self {
        Self::in_steps(OffsetDateTime::now_utc())
    }

    /// Returns the instant so many seconds after 1970-01-01T00:00:00Z, if its year has four digits.
    #[must_use]
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        OffsetDateTime::from_unix_timestamp(seconds)
            .ok()
            .and_then(Self::of_four_digit_year)
    }

    /// Returns the whole seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn unix_seconds(self) -> i64 {
        self.0.unix_timestamp()
    }

    /// Returns the whole milliseconds since 1970-01-01T00:00:00Z, or 0 before that.
    #[must_use]
    pub fn unix_milliseconds(self) -> u64 {
        let seconds = u64::try_from(self.unix_seconds()).unwrap_or_default();
        seconds * 1_000 + u64::from(self.0.millisecond())
    }

    /// Returns the instant so many seconds later, or the last one that can be written.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(Duration::seconds(seconds)))
    }

    /// Returns the second of its minute.
    #[must_use]
    pub fn second(self) -> u8 {
        self.0.second()
    }

    /// Returns the instant so much later, or the last one that can be written.
    #[must_use]
    pub fn plus(self, time: std::time::Duration) -> Self {
        Self(
            self.0
                .saturating_add(time.try_into().unwrap_or(Duration::MAX)),
        )
    }

    /// Returns the microseconds after the whole second.
    #[must_use]
    pub fn microsecond(self) -> u32 {
        self.0.microsecond()
    }

    /// Returns the whole seconds between two instants, in either order, since hosts' clocks differ.
    #[must_use]
    pub fn seconds_apart(self, other: Self) -> i64 {
        (self.0 - other.0).whole_seconds().abs()
    }

    /// Returns the time from an earlier instant to this one; zero if the other one is later.
    #[must_use]
    pub fn duration_since(self, earlier: Self) -> std::time::Duration {
        (self.0 - earlier.0).try_into().unwrap_or_default()
    }

    /// Reads ISO 8601's extended format, `YYYY-MM-DDThh:mm[:ss[.fraction]]` and `Z` or `±hh:mm`.
    ///
    /// The parsers of `time` 0.3.55 read other texts. `Rfc3339` requires seconds and accepts any
    /// separator, `z` and leap seconds. A format description accepts signed years and no more than
    /// 32 digits of a fraction. Neither says that only the zone is missing.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let mut rest = Cursor(text.as_bytes());
        let date = rest.date()?;
        if rest.0.is_empty() {
            return Err(ParseError::NoZone);
        }
        rest.expect(b'T')?;
        let time = rest.time()?;
        if rest.0.is_empty() {
            return Err(ParseError::NoZone);
        }
        let offset = rest.offset()?;
        if !rest.0.is_empty() {
            return Err(ParseError::NotADateTime);
        }
        PrimitiveDateTime::new(date, time)
            .assume_offset(offset)
            .checked_to_offset(UtcOffset::UTC)
            .and_then(Self::of_four_digit_year)
            .ok_or(ParseError::NotADateTime)
    }

    fn of_four_digit_year(instant: OffsetDateTime) -> Option<Self> {
        (0..=9999)
            .contains(&instant.year())
            .then(|| Self::in_steps(instant))
    }

    fn in_steps(instant: OffsetDateTime) -> Self {
        let nanoseconds = instant.nanosecond() / NANOSECONDS_PER_STEP * NANOSECONDS_PER_STEP;
        Self(instant.replace_nanosecond(nanoseconds).unwrap_or(instant))
    }
}

/// The rest of a text.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn expect(&mut self, wanted: u8) -> Result<(), ParseError> {
        match self.next() {
            Some(found) if found == wanted => Ok(()),
            _ => Err(ParseError::NotADateTime),
        }
    }

    fn digits(&mut self, count: u8) -> Result<u16, ParseError> {
        let mut number = 0;
        for _ in 0..count {
            match self.next() {
                Some(digit) if digit.is_ascii_digit() => {
                    number = number * 10 + u16::from(digit - b'0');
                }
                _ => return Err(ParseError::NotADateTime),
            }
        }
        Ok(number)
    }

    fn two_digits(&mut self) -> Result<u8, ParseError> {
        u8::try_from(self.digits(2)?).map_err(|_| ParseError::NotADateTime)
    }

    fn date(&mut self) -> Result<Date, ParseError> {
        let year = self.digits(4)?;
        self.expect(b'-')?;
        let month = Month::try_from(self.two_digits()?).map_err(|_| ParseError::NotADateTime)?;
        self.expect(b'-')?;
        Date::from_calendar_date(year.into(), month, self.two_digits()?)
            .map_err(|_| ParseError::NotADateTime)
    }

    fn time(&mut self) -> Result<Time, ParseError> {
        let hour = self.two_digits()?;
        self.expect(b':')?;
        let minute = self.two_digits()?;
        let mut second = 0;
        let mut nanosecond = 0;
        if self.0.first() == Some(&b':') {
            self.expect(b':')?;
            second = self.two_digits()?;
            if self.0.first() == Some(&b'.') {
                self.expect(b'.')?;
                nanosecond = self.fraction()?;
            }
        }
        Time::from_hms_nano(hour, minute, second, nanosecond).map_err(|_| ParseError::NotADateTime)
    }

    /// Reads the digits after the point as nanoseconds, and drops those after the ninth.
    fn fraction(&mut self) -> Result<u32, ParseError> {
        let mut nanoseconds = 0;
        let mut unit = 100_000_000;
        let mut any = false;
        while let Some(digit) = self.0.first().filter(|byte| byte.is_ascii_digit()) {
            nanoseconds += u32::from(digit - b'0') * unit;
            unit /= 10;
            any = true;
            self.next();
        }
        any.then_some(nanoseconds).ok_or(ParseError::NotADateTime)
    }

    /// Reads `Z` or `±hh:mm`, below 24 hours (RFC 3339, section 5.6).
    fn offset(&mut self) -> Result<UtcOffset, ParseError> {
        let sign = match self.next() {
            Some(b'Z') => return Ok(UtcOffset::UTC),
            Some(b'+') => 1,
            Some(b'-') => -1,
            _ => return Err(ParseError::NotADateTime),
        };
        let hours = i32::from(self.two_digits()?);
        self.expect(b':')?;
        let minutes = i32::from(self.two_digits()?);
        if hours > 23 || minutes > 59 {
            return Err(ParseError::NotADateTime);
        }
        UtcOffset::from_whole_seconds(sign * (hours * 3600 + minutes * 60))
            .map_err(|_| ParseError::NotADateTime)
    }
}

/// The text of a timestamp, formatted without `core::fmt`: each order is stored with several, and
/// formatting padded numbers takes much fuel.
struct Text {
    bytes: [u8; Self::MAX],
    length: usize,
}

impl Text {
    const MAX: usize = "2030-01-31T07:00:00.1234567Z".len();

    fn of(at: OffsetDateTime) -> Self {
        let mut text = Self {
            bytes: [b'0'; Self::MAX],
            length: 0,
        };
        text.number(at.year().unsigned_abs(), 4, b'-');
        text.number(u8::from(at.month()).into(), 2, b'-');
        text.number(at.day().into(), 2, b'T');
        text.number(at.hour().into(), 2, b':');
        text.number(at.minute().into(), 2, b':');
        text.number(at.second().into(), 2, b'.');
        match at.nanosecond() / NANOSECONDS_PER_STEP {
            0 => text.length -= 1,
            steps => {
                text.number(steps, 7, b'Z');
                text.length -= 1;
                while text.bytes[text.length - 1] == b'0' {
                    text.length -= 1;
                }
            }
        }
        text.bytes[text.length] = b'Z';
        text.length += 1;
        text
    }

    /// Writes a number of so many digits, and the byte that follows it.
    fn number(&mut self, mut number: u32, digits: usize, follows: u8) {
        for place in (self.length..self.length + digits).rev() {
            self.bytes[place] = b'0' + u8::try_from(number % 10).unwrap_or_default();
            number /= 10;
        }
        self.length += digits;
        self.bytes[self.length] = follows;
        self.length += 1;
    }

    fn as_str(&self) -> &str {
        // It consists of digits and punctuation.
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Text::of(self.0).as_str())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Text::of(self.0).as_str())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn written(text: &str) -> String {
        Timestamp::parse(text).unwrap().to_string()
    }

    #[test]
    fn parse_converts_to_utc() {
        for (text, utc) in [
            ("2030-01-31T08:00:00+01:00", "2030-01-31T07:00:00Z"),
            ("2030-01-31T08:00Z", "2030-01-31T08:00:00Z"),
            ("2030-01-31T00:30:00-05:30", "2030-01-31T06:00:00Z"),
            ("2030-01-01T00:00:00+14:00", "2029-12-31T10:00:00Z"),
            ("2028-02-29T12:00:00.5Z", "2028-02-29T12:00:00.5Z"),
            (
                "2026-01-05T09:30:12.1234567Z",
                "2026-01-05T09:30:12.1234567Z",
            ),
            (
                "2026-01-05T09:30:12.12345678987654Z",
                "2026-01-05T09:30:12.1234567Z",
            ),
            (
                "9999-12-31T23:59:59.9999999Z",
                "9999-12-31T23:59:59.9999999Z",
            ),
            ("2030-01-31T08:00:00-00:00", "2030-01-31T08:00:00Z"),
        ] {
            assert_eq!(written(text), utc, "{text}");
        }
    }

    #[test]
    fn parse_missing_zone_differs_from_malformed() {
        for text in ["2030-01-31", "2030-01-31T08:00", "2030-01-31T08:00:00.25"] {
            assert_eq!(Timestamp::parse(text), Err(ParseError::NoZone), "{text}");
        }
        for text in [
            "",
            "x",
            "tomorrow",
            "2030-13-01T00:00Z",
            "2030-02-30T00:00Z",
            "2030-01-31T24:00Z",
            "2030-01-31T08:60Z",
            "2030-01-31T08:00:60Z",
            "2030-01-31 08:00Z",
            "2030-01-31T08Z",
            "2030-01-31T08:00:00.Z",
            "2030-01-31T08:00+01",
            "2030-01-31T08:00+0100",
            "2030-01-31T08:00+24:00",
            "2030-01-31T08:00+01:60",
            "2030-01-31T08:00ZZ",
            " 2030-01-31T08:00Z",
            "2030-01-31t08:00z",
            "20300131T080000Z",
            "12030-01-31T08:00Z",
            "9999-12-31T23:59:59-01:00",
            "0000-01-01T00:00+01:00",
            "2030-01-31T08:00:00,5Z",
        ] {
            assert_eq!(
                Timestamp::parse(text),
                Err(ParseError::NotADateTime),
                "{text}"
            );
        }
    }

    #[test]
    fn compare_ignores_the_zone() {
        let a = Timestamp::parse("2030-01-31T08:00:00+01:00").unwrap();
        let b = Timestamp::parse("2030-01-31T07:00:00Z").unwrap();
        assert_eq!(a, b);
        assert!(a.plus_seconds(-1) < b);
    }

    #[test]
    fn json_is_its_text() {
        let at = Timestamp::parse("2030-01-31T07:00:00.25Z").unwrap();
        let json = serde_json::to_string(&at).unwrap();
        assert_eq!(json, "\"2030-01-31T07:00:00.25Z\"");
        assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), at);
    }
}
