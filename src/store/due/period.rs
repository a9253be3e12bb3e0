//! The months, days, hours and minutes of the index, in UTC.

use crate::{store::Key, timestamp::Timestamp};

/// The first year of the index: no order was ever filed under an earlier one.
const FIRST_YEAR: u16 = 2026;

const YEAR: usize = "2030".len();
const MONTH: usize = "2030-01".len();
const DAY: usize = "2030-01-31".len();
const HOUR: usize = "2030-01-31T08".len();
const MINUTE: usize = "2030-01-31T08:00".len();

/// A month, a day, an hour or a minute, as the beginning of a timestamp. Texts of one length are in
/// the order of time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Period(String);

impl Period {
    /// Returns the minute of an instant.
    pub(super) fn minute(instant: Timestamp) -> Self {
        let mut text = instant.to_string();
        text.truncate(MINUTE);
        Self(text)
    }

    /// Returns every month up to the one of this period.
    pub(super) fn months_until(last: &Self) -> Vec<Self> {
        let last_year = last.0.get(..4).and_then(|year| year.parse().ok());
        let years = FIRST_YEAR..=last_year.unwrap_or(FIRST_YEAR);
        years
            .flat_map(|year| Self(year.to_string()).children())
            .filter(|month| !month.is_after(last))
            .collect()
    }

    /// Returns the periods of the next shorter kind in it. Every month gets 31 days: reading a day that
    /// does not exist finds nothing.
    pub(super) fn children(&self) -> Vec<Self> {
        let (separator, numbers) = match self.0.len() {
            YEAR => ("-", 1..=12),
            MONTH => ("-", 1..=31),
            DAY => ("T", 0..=23),
            HOUR => (":", 0..=59),
            _ => return Vec::new(),
        };
        numbers
            .map(|number| Self(format!("{}{separator}{number:02}", self.0)))
            .collect()
    }

    /// Returns the period itself and every longer one that contains it, the longest first.
    pub(super) fn ancestors(&self) -> Vec<Self> {
        [MONTH, DAY, HOUR, MINUTE]
            .into_iter()
            .filter_map(|length| self.0.get(..length))
            .map(|text| Self(text.to_owned()))
            .collect()
    }

    /// Returns the instant at which a minute begins; None for a longer period.
    pub(super) fn begin(&self) -> Option<Timestamp> {
        Timestamp::parse(&format!("{}Z", self.0)).ok()
    }

    pub(super) fn is_minute(&self) -> bool {
        self.0.len() == MINUTE
    }

    /// Returns whether it is the other period, or is in it.
    pub(super) fn is_in(&self, longer: &Self) -> bool {
        self.0.starts_with(&longer.0)
    }

    /// Returns whether it begins after this minute.
    pub(super) fn is_after(&self, minute: &Self) -> bool {
        minute.0.get(..self.0.len()) < Some(&self.0)
    }

    /// Returns whether it was over when this minute began.
    pub(super) fn is_before(&self, minute: &Self) -> bool {
        minute.0.get(..self.0.len()) > Some(&self.0)
    }

    /// Returns the key of its marker.
    pub(super) fn key(&self) -> Key {
        Key::join(&["due:", &self.0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(text: &str) -> Period {
        Period::minute(Timestamp::parse(text).unwrap())
    }

    fn texts(periods: &[Period]) -> Vec<&str> {
        periods.iter().map(|period| period.0.as_str()).collect()
    }

    #[test]
    fn ancestors_of_a_minute_are_hour_day_and_month() {
        let minute = minute("2030-01-31T08:00:59+01:00");
        let ancestors = minute.ancestors();
        assert_eq!(
            texts(&ancestors),
            ["2030-01", "2030-01-31", "2030-01-31T07", "2030-01-31T07:00"]
        );
        for pair in ancestors.windows(2) {
            assert!(pair[0].children().contains(&pair[1]), "{pair:?}");
        }
        assert!(minute.is_minute() && minute.children().is_empty());
        let begin = Timestamp::parse("2030-01-31T07:00:00Z").unwrap();
        let begins: Vec<_> = ancestors.iter().map(Period::begin).collect();
        assert_eq!(begins, [None, None, None, Some(begin)]);
    }

    #[test]
    fn months_until_begins_with_the_first_month() {
        let months = Period::months_until(&minute("2027-02-03T04:05:06Z"));
        let texts = texts(&months);
        assert_eq!((texts[0], texts.len()), ("2026-01", 14));
        assert_eq!(texts[13], "2027-02");
    }

    #[test]
    fn period_is_before_or_after_a_minute_or_contains_it() {
        let now = minute("2030-01-31T08:00:00Z");
        for (text, before, after) in [
            (
                "2030-01-31T07:59:59Z",
                [false, false, true, true],
                [false; 4],
            ),
            ("2030-01-31T08:00:59Z", [false; 4], [false; 4]),
            (
                "2030-01-31T08:01:00Z",
                [false; 4],
                [false, false, false, true],
            ),
            (
                "2030-01-30T23:00:00Z",
                [false, true, true, true],
                [false; 4],
            ),
            ("2030-02-01T00:00:00Z", [false; 4], [true; 4]),
        ] {
            let is = |test: fn(&Period, &Period) -> bool| -> Vec<bool> {
                let periods = minute(text).ancestors();
                periods.iter().map(|period| test(period, &now)).collect()
            };
            assert_eq!(is(Period::is_before), before, "{text}");
            assert_eq!(is(Period::is_after), after, "{text}");
        }
    }
}
